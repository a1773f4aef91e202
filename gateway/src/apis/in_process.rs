//! The internal APIs for functions of this process: requests of their SDK clients are handed over without a socket or a signature.

use std::sync::{Arc, OnceLock, Weak};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use crate::apis::internal_apis::InternalApis;
use crate::apis::router::Apis;
use crate::http::reply::Reply;

/// A way to APIs that are not there yet: functions get it first, for the APIs call the functions. It does not keep the APIs alive.
#[derive(Clone, Default)]
pub struct InProcess(Arc<OnceLock<Weak<InternalApis>>>);

impl InProcess {
    /// From now on, these APIs answer. The first ones stay.
    pub fn leads_to(&self, apis: &Apis) {
        self.0.get_or_init(|| Arc::downgrade(apis.internal()));
    }

    /// What answers the requests of SDK clients.
    pub fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(apis) = self.0.get() else {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the local cloud does not run yet".into())));
        };
        let apis = apis.upgrade();
        HttpConnectorFuture::new(async move {
            let Some(apis) = apis else {
                // The gateway has ended, and its functions are being dropped. None is to report a failure meanwhile. For any other caller,
                // the client's time-outs decide.
                return std::future::pending().await;
            };
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            response(apis.answer_in_process(request).await).await
        })
    }
}

async fn response(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let (head, body) = reply.into_parts();
    let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
    let response = http::Response::from_parts(head, SdkBody::from(body));
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}
