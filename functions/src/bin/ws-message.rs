//! The Lambda binary of [`functions::ws_message`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve(functions::ws_message::handle).await
}
