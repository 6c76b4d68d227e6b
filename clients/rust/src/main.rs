//! Calls the service with the generated client, and prints what it answers: one line for each request.

mod voice_sessions {
    // The builders stay as they are when a later document adds a field or a parameter.
    progenitor::generate_api!(spec = "generated/openapi-3.0.json", interface = Builder);
}

use std::{env, error::Error as StdError};

use reqwest::header::{HeaderMap, HeaderValue};
use uuid::Uuid;
use voice_sessions::{Client, Error, types};

type Failure = Box<dyn StdError>;

fn connect(api_key: &str) -> Result<Client, Failure> {
    let headers = HeaderMap::from_iter([("x-api-key".parse()?, HeaderValue::from_str(api_key)?)]);
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    Ok(Client::new_with_client(&env::var("API_URL")?, http))
}

fn day(name: &str) -> Result<chrono::NaiveDate, Failure> {
    Ok(env::var(name)?
        .parse()
        .map_err(|error: chrono::ParseError| error.to_string())?)
}

/// Prints the answer, and returns the room's name, or nothing where the request was refused.
async fn create(
    client: &Client,
    agent_id: &str,
    idempotency_key: &str,
) -> Result<Option<String>, Failure> {
    let metadata: types::Metadata =
        serde_json::from_value(serde_json::json!({ "name": "Ana", "order": "427" }))?;
    let user: types::CreateVoiceSessionRequestUserIdentifier = "customer-427".parse()?;
    let request = client
        .create_voice_session()
        .idempotency_key(idempotency_key)
        .body_map(|body| {
            body.agent_id(agent_id)
                .metadata(metadata)
                .user_identifier(user)
        });
    match request.send().await {
        Ok(answer) => {
            let replayed = if answer.headers().contains_key("Idempotency-Replayed") {
                " replayed"
            } else {
                ""
            };
            println!(
                "{} {}{replayed}",
                answer.status().as_u16(),
                answer.room_name.as_str()
            );
            Ok(Some(answer.room_name.to_string()))
        }
        Err(Error::ErrorResponse(refusal)) => {
            let code = refusal
                .headers()
                .get("X-Error-Code")
                .ok_or("a refusal without a code")?;
            println!("{} {}", refusal.status().as_u16(), code.to_str()?);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let client = connect(&env::var("API_KEY")?)?;
    let agent_id = env::var("AGENT_ID")?;

    let idempotency_key = Uuid::new_v4().to_string();
    let room_name = create(&client, &agent_id, &idempotency_key)
        .await?
        .ok_or("refused")?;
    create(&client, &agent_id, &idempotency_key).await?;

    let answer = client
        .get_voice_session()
        .room_name(&room_name)
        .send()
        .await?;
    let status = answer.status().as_u16();
    let session: types::VoiceSession = answer.into_inner();
    let metadata = session.metadata.ok_or("no metadata")?;
    let user = session.user_identifier.ok_or("no user_identifier")?;
    println!(
        "{status} {} {} {user} {} {}",
        session.room_name, session.status, *metadata["name"], *metadata["order"]
    );

    let ended = client
        .end_voice_session()
        .room_name(&room_name)
        .send()
        .await?
        .into_inner();
    println!(
        "200 {} {} {}",
        ended.room_name,
        ended.status,
        ended.end_reason.ok_or("no end_reason")?
    );

    let usage = client
        .get_usage()
        .from(day("USAGE_FROM")?)
        .to(day("USAGE_TO")?)
        .group_by(types::UsageGroupBy::Agent)
        .send()
        .await?
        .into_inner();
    println!(
        "200 {} {} {} {}",
        usage.group_by,
        usage.rows.len(),
        usage.rows[0].calls,
        usage.open_calls
    );

    let listed = client
        .list_events()
        .type_("call.ended")
        .send()
        .await?
        .into_inner();
    for event in listed.events {
        if let types::Event::CallEvent(call) = event {
            println!("200 {} {}", *call.type_, call.data.room_name);
        }
    }

    create(
        &connect("tk_live_unknown")?,
        &agent_id,
        &Uuid::new_v4().to_string(),
    )
    .await?;
    let poor = connect(&env::var("POOR_API_KEY")?)?;
    create(
        &poor,
        &env::var("POOR_AGENT_ID")?,
        &Uuid::new_v4().to_string(),
    )
    .await?;
    create(
        &client,
        &Uuid::new_v4().to_string(),
        &Uuid::new_v4().to_string(),
    )
    .await?;
    Ok(())
}
