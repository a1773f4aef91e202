//! The Lambda binary of [`functions::ws_disconnect`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve(functions::ws_disconnect::handle).await
}
