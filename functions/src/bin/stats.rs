//! The Lambda binary of [`functions::stats`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::stats::handle).await
}
