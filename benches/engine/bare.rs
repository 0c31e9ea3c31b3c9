//! The least that any client in Rust could do: asks the cases with the same HTTP library, so many at once, reads the
//! answers as JSON, and forgets them. What it takes is the machine and the server; what tunegate takes more is tunegate.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// What stands before `/chat/completions`
    #[arg(long)]
    url: String,
    /// A file of cases, one JSON object a line
    #[arg(long)]
    cases: PathBuf,
    /// Questions in flight
    #[arg(long)]
    in_flight: usize,
}

/// Asks every case once; ends with 0 where each was answered.
pub(crate) fn run(choice: &Choice) -> Result<ExitCode, Box<dyn Error>> {
    let cases = fs::read_to_string(&choice.cases)?;
    let bodies: Vec<String> = cases.lines().map(body).collect::<Result<_, _>>()?;
    let url = format!("{}/chat/completions", choice.url);
    // A server without TLS needs no provider of it, but the builder does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answered = runtime.block_on(async {
        let asked = stream::iter(&bodies).map(|body| ask(&client, &url, body));
        let answered = asked.buffer_unordered(choice.in_flight);
        answered
            .filter(|answer| std::future::ready(answer.is_ok()))
            .count()
            .await
    });
    if answered == bodies.len() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!("{answered} of {} cases were answered", bodies.len()).into())
}

fn body(line: &str) -> Result<String, serde_json::Error> {
    let case: Value = serde_json::from_str(line)?;
    let messages = json!([{"role": "user", "content": case["prompt"]}]);
    Ok(json!({"model": "mock-model", "messages": messages}).to_string())
}

async fn ask(client: &reqwest::Client, url: &str, body: &str) -> Result<usize, reqwest::Error> {
    let request = client.post(url).header("content-type", "application/json");
    let response = request.body(body.to_owned()).send().await?;
    let answer: Value = response.error_for_status()?.json().await?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    Ok(text.map_or(0, str::len))
}
