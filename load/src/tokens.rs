//! A token for every viewer and sender.

use std::path::Path;

use http::{Method, StatusCode};
use serde_json::json;

use crate::args::LoadArgs;
use crate::error::LoadError;
use crate::http::Caller;

/// Makes tokens, if the secret is known.
#[derive(Clone, Debug)]
pub struct TokenMaker {
    /// The secret that the chat verifies tokens with, if it is known. That of a gateway which is started is.
    pub secret: Option<String>,
    /// Makes a token for a user.
    pub mint: fn(secret: &str, user: &str) -> Result<String, String>,
}

/// Where tokens come from.
pub(crate) enum Tokens {
    /// They are made with the secret that the chat verifies them with.
    Secret { secret: String, maker: TokenMaker, run: String },
    /// They are given: one a line.
    File(Vec<String>),
    /// The local gateway issues them.
    Gateway { run: String },
}

impl Tokens {
    pub(crate) fn of(args: &LoadArgs, maker: TokenMaker, run: &str) -> Result<Tokens, LoadError> {
        let run = run.to_owned();
        Ok(match (&args.tokens, maker.secret.clone()) {
            (Some(file), _) => Tokens::File(read(file)?),
            (None, Some(secret)) => Tokens::Secret { secret, maker, run },
            (None, None) => Tokens::Gateway { run },
        })
    }

    /// The token of a user. Users of a run are numbered; a file's tokens are given in turn.
    pub(crate) async fn of_user(&self, number: usize, caller: &mut Caller) -> Result<String, LoadError> {
        let user = |run: &str| format!("load-{run}-{number}");
        match self {
            Tokens::Secret { secret, maker, run } => {
                (maker.mint)(secret, &user(run)).map_err(|cause| LoadError::Token { user: user(run), cause })
            }
            Tokens::File(tokens) => Ok(tokens[number % tokens.len()].clone()),
            Tokens::Gateway { run } => {
                let fail = |cause: String| LoadError::Token { user: user(run), cause };
                let ask = json!({"name": user(run), "sub": user(run)}).to_string();
                let answer = caller.call(Method::POST, "/dev/token", "", Some(ask)).await.map_err(fail)?;
                match (answer.status, answer.json()["token"].as_str()) {
                    (StatusCode::OK, Some(token)) => Ok(token.to_owned()),
                    (status, _) => Err(fail(format!("/dev/token answers {status}; set JWT_SECRET or give --tokens"))),
                }
            }
        }
    }
}

fn read(file: &Path) -> Result<Vec<String>, LoadError> {
    let text = std::fs::read_to_string(file)
        .map_err(|cause| LoadError::Arguments(format!("{} cannot be read: {cause}", file.display())))?;
    let tokens: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if tokens.is_empty() {
        return Err(LoadError::Arguments(format!("{} has no token", file.display())));
    }
    Ok(tokens)
}
