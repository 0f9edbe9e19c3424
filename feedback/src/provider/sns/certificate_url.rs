//! Where a certificate may come from.

/// Whether the URL leads to a certificate of SNS: `https://sns.REGION.amazonaws.com/NAME.pem`, or the same under the domains
/// of the partitions in China and the European Union. Nothing else: no port, no user, no query, no other directory.
pub(super) fn is_pinned(url: &str) -> bool {
    let Some((host, path)) = url
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let region = DOMAINS.iter().find_map(|domain| {
        host.strip_prefix("sns.")?
            .strip_suffix(domain)?
            .strip_suffix('.')
    });
    let name = path.strip_suffix(".pem");
    region.is_some_and(|region| is_plain(region, 32))
        && name.is_some_and(|name| is_plain(name, 128))
}

fn is_plain(text: &str, limit: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=limit).contains(&text.len()) && text.bytes().all(plain)
}

/// All of them belong to AWS.
pub(super) const DOMAINS: &[&str] = &["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"];

#[cfg(test)]
mod tests {
    use super::is_pinned;

    #[test]
    fn only_sns_itself_is_asked() {
        for url in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abcd.pem",
            "https://sns.eusc-de-east-1.amazonaws.eu/SimpleNotificationService-0123abcd.pem",
        ] {
            assert!(is_pinned(url), "{url}");
        }
        for url in [
            "http://sns.us-east-1.amazonaws.com/a.pem",
            "HTTPS://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com:8443/a.pem",
            "https://me@sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
            "https://sns.evil.example/.amazonaws.com/a.pem",
            "https://sns.evil.example/a.pem?.amazonaws.com",
            "https://sns.evil.example#.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
            "https://sns.us-east-1.evilamazonaws.com/a.pem",
            "https://sns.evil.example.amazonaws.com/a.pem",
            "https://sns.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://evil-sns.us-east-1.amazonaws.com/a.pem",
            "https://bucket.s3.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com/../a.pem",
            "https://sns.us-east-1.amazonaws.com/b/a.pem",
            "https://sns.us-east-1.amazonaws.com/a.pem?x=1",
            "https://sns.us-east-1.amazonaws.com/a.pem#",
            "https://sns.us-east-1.amazonaws.com/%61.pem",
            "https://sns.us-east-1.amazonaws.com/?Action=Subscribe&x=.pem",
            "https://sns.us-east-1.amazonaws.com/.pem",
            "https://sns.us-east-1.amazonaws.com\\@evil.example/a.pem",
            "https://sns.us-east-1.amazonaws.com./a.pem",
            " https://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1\u{3002}amazonaws.com/a.pem",
            "",
        ] {
            assert!(!is_pinned(url), "{url}");
        }
    }
}
