//! The Lambda binary of [`functions::broadcast`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve(functions::broadcast::handle).await
}
