//! The Lambda binary of [`functions::ticket`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::ticket::handle).await
}
