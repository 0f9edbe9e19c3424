//! Fields of a JSON document, found by their path.

use serde_json::Value;

/// What is at this path of object keys.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

/// The text at this path; an empty one is none.
pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = at(value, path)?.as_str()?.trim();
    (!found.is_empty()).then_some(found)
}

/// The elements of the list at this path; none where there is no list.
pub(crate) fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    at(value, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{list, text};

    #[test]
    fn fields_are_found_by_their_path_or_not_at_all() {
        let value = json!({"a": {"b": " x ", "c": "", "d": 1, "e": [1, 2]}});
        assert_eq!(text(&value, &["a", "b"]), Some("x"));
        for path in [
            &["a", "c"][..],
            &["a", "d"],
            &["a", "z"],
            &["a", "b", "c"],
            &[],
        ] {
            assert_eq!(text(&value, path), None, "{path:?}");
        }
        assert_eq!(list(&value, &["a", "e"]).len(), 2);
        assert!(list(&value, &["a", "b"]).is_empty());
    }
}
