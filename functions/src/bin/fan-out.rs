//! The Lambda binary of [`functions::fan_out`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::runtime::serve(functions::fan_out::handle).await
}
