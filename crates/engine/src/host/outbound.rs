//! Outgoing HTTP requests of a guest: denied unless its network settings allow them.

use crate::Network;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// Decides over every request that a guest wants to send.
pub(crate) struct Outbound(pub(crate) Network);

/// What drives a connection until its response is read.
type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _sent: Connection,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Connection), Error>> + Send> {
        match self.0 {
            Network::Denied => Box::new(async { Err(Error::HttpRequestDenied) }),
            Network::Allowed => Box::new(async move {
                let (response, connection) = default_send_request(request, options).await?;
                Ok((response.map(|body| body.boxed_unsync()), Box::new(connection) as Connection))
            }),
        }
    }
}
