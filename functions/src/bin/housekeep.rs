//! The Lambda binary of [`functions::housekeep`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve(functions::housekeep::handle).await
}
