//! The Lambda binary of [`functions::viewers`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::viewers::handle).await
}
