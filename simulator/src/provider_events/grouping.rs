//! What can be told together.

/// Puts together what has the same key; groups and what is in them stay in the order of the first of each.
pub(super) fn grouped<'a, T, K: PartialEq>(
    items: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Vec<(K, Vec<&'a T>)> {
    let mut groups: Vec<(K, Vec<&T>)> = Vec::new();
    for item in items {
        let of_item = key(item);
        match groups.iter_mut().find(|(found, _)| *found == of_item) {
            Some((_, group)) => group.push(item),
            None => groups.push((of_item, vec![item])),
        }
    }
    groups
}
