//! The enhanced status codes given here ([RFC 3463](https://www.rfc-editor.org/rfc/rfc3463) and its
//! [registry](https://www.rfc-editor.org/rfc/rfc5248)).

use letterhead_mail::EnhancedCode;

pub(super) const NULL_MX: EnhancedCode = code(5, 1, 10);
pub(super) const NO_SUCH_DOMAIN: EnhancedCode = code(5, 1, 2);
pub(super) const NO_DNS: EnhancedCode = code(4, 4, 3);
pub(super) const NO_ROUTE: EnhancedCode = code(5, 4, 4);
pub(super) const LOOP: EnhancedCode = code(5, 4, 6);
pub(super) const EXPIRED: EnhancedCode = code(4, 4, 7);
pub(super) const POLICY: EnhancedCode = code(4, 7, 0);
pub(super) const TLS_NOT_OFFERED: EnhancedCode = code(4, 7, 4);
pub(super) const TLS_FAILED: EnhancedCode = code(4, 7, 5);
/// [RFC 8689](https://www.rfc-editor.org/rfc/rfc8689).
pub(super) const REQUIRETLS: EnhancedCode = code(5, 7, 30);
pub(super) const REQUIRETLS_NOT_NOW: EnhancedCode = code(4, 7, 30);

#[expect(
    clippy::panic,
    reason = "evaluated by the compiler, for the constants above"
)]
const fn code(class: u8, subject: u16, detail: u16) -> EnhancedCode {
    match EnhancedCode::new(class, subject, detail) {
        Some(code) => code,
        None => panic!("no such class"),
    }
}
