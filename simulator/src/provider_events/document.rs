//! JSON documents, put together.

use serde_json::Value;

/// Sets a member of an object, where there is something to set.
pub(super) fn set<V: Into<Value>>(object: &mut Value, name: &str, value: Option<V>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(name.to_owned(), value.into());
    }
}

/// An object with the members of another one as well.
pub(super) fn with_all(mut object: Value, others: Value) -> Value {
    if let (Value::Object(members), Value::Object(others)) = (&mut object, others) {
        members.extend(others);
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{set, with_all};

    #[test]
    fn members_are_set_and_added() {
        let mut object = json!({"a": 1});
        set(&mut object, "b", Some("two"));
        set(&mut object, "c", None::<Value>);
        assert_eq!(object, json!({"a": 1, "b": "two"}));
        assert_eq!(
            with_all(object, json!({"c": 3, "a": 4})),
            json!({"a": 4, "b": "two", "c": 3})
        );
    }
}
