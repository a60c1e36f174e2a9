use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::{Aws, Client, ClientConfig, FunctionError};

/// Answers invocations with `function` until the sandbox ends.
///
/// # Errors
/// When the environment lacks a region or credentials, or Lambda's runtime API is gone.
pub fn serve<F>(function: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(&dyn Aws, &Value) -> Result<Value, FunctionError> + Send + Sync + 'static,
{
    let client: Arc<Client> = Arc::new(Client::new(ClientConfig::from_env()?));
    let function = Arc::new(function);
    // A sandbox answers one invocation at a time: one thread for the runtime API, one for the function.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()?
        .block_on(lambda_runtime::run(service_fn(
            move |event: LambdaEvent<Value>| {
                let (client, function) = (Arc::clone(&client), Arc::clone(&function));
                async move {
                    let result =
                        tokio::task::spawn_blocking(move || function(&*client, &event.payload))
                            .await
                            .unwrap_or_else(|error| {
                                Err(FunctionError::new("InternalError", error.to_string()))
                            });
                    if let Err(error) = &result {
                        // Standard error is the function's log.
                        eprintln!("{} {error}", event.context.request_id);
                    }
                    result
                }
            },
        )))
}

/// One setting from the environment.
///
/// # Errors
/// When it is not set or empty.
pub fn setting(name: &str) -> Result<String, lambda_runtime::Error> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("the environment variable {name} is not set").into()),
    }
}
