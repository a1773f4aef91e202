//! The Lambda binary of [`functions::like_message`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::like_message::handle).await
}
