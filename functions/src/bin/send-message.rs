//! The Lambda binary of [`functions::send_message`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::send_message::handle).await
}
