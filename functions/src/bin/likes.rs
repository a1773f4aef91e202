//! The Lambda binary of [`functions::likes`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::likes::handle).await
}
