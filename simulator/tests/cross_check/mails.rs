//! Mails to sign.

/// From this author, with a folded field, a repeated one, and octets above 127 in both parts.
pub(crate) fn rich(author: &str) -> String {
    format!(
        "From: \"A, B\"\r\n <{author}>\r\nTo: joe@receiver.example\r\nSubject: one\r\n\ttwo  three \r\n\
         Comments: x\r\nComments:  y\r\nX-Name: J\u{f6}rg\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n\
         Message-ID: <1@a.example>\r\n\r\nGr\u{fc}\u{df}e  \t \r\n\r\n . \r\n\r\n"
    )
}

pub(crate) fn plain(author: &str) -> String {
    format!(
        "From: {author}\r\nTo: joe@receiver.example\r\nSubject: Invoice\r\n\
         Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.example>\r\n\r\nPlease pay.\r\n"
    )
}
