//! Where a server may listen.

use super::Auth;
use std::net::SocketAddr;

/// Others than this machine could do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} can be reached by others, who could do everything: configure credentials or users, or listen on 127.0.0.1"
)]
pub struct ExposedError(pub SocketAddr);

/// Whether a server may listen on an address: on loopback always, elsewhere when not everything is accepted.
///
/// # Errors
/// When it may not.
pub fn may_listen(address: SocketAddr, auth: &Auth) -> Result<(), ExposedError> {
    // `::ffff:127.0.0.1` is loopback, too.
    if address.ip().to_canonical().is_loopback() || !auth.is_open() { Ok(()) } else { Err(ExposedError(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{AuthOptions, User};
    use fngraph_api::tokens::Secret;

    #[test]
    fn others_are_let_in_only_where_they_are_checked() {
        let user =
            User { name: "a".to_owned(), password: Secret("p".to_owned()), domain: "d".to_owned(), project_id: None };
        let guarded = Auth::new(AuthOptions { users: vec![user], ..AuthOptions::default() }, [0; 32]).unwrap();
        let addresses = [
            ("127.0.0.1:80", true),
            ("127.8.9.1:0", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("192.168.1.1:80", false),
            ("[::ffff:10.0.0.1]:80", false),
        ];
        for (address, is_loopback) in addresses {
            let address = address.parse().unwrap();
            assert_eq!(may_listen(address, &Auth::open()).is_ok(), is_loopback, "{address}");
            assert_eq!(may_listen(address, &guarded), Ok(()));
        }
    }
}
