//! Serves the handler: as a Lambda function where Lambda runs it, else at `http://127.0.0.1:9000`, or the address in `REVIEW_ADDRESS`.

use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use review_example::{Message, Review, review, server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Error> {
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return lambda_runtime::run(service_fn(on_lambda)).await;
    }
    let address = env::var("REVIEW_ADDRESS").unwrap_or_else(|_| "127.0.0.1:9000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("reviewing at http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, server()).await?)
}

async fn on_lambda(event: LambdaEvent<Message>) -> Result<Review, Error> {
    Ok(review(event.payload))
}
