//! The Lambda binary of [`functions::delete_message`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve_http(functions::delete_message::handle).await
}
