//! Reserved concurrency is kept and answered; 0 stops a function as on AWS.
// DIVERGENCE: a reservation other than 0 does not bound a function's processes.

use aws::{Answer, ApiError, Call};
use serde_json::json;

use super::{named, unqualified};
use crate::{Lambda, error};

/// PutFunctionConcurrency.
pub(crate) async fn put(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let asked = call
        .input
        .get("ReservedConcurrentExecutions")
        .and_then(serde_json::Value::as_u64)
        .and_then(|asked| u32::try_from(asked).ok())
        .ok_or_else(|| {
            error::invalid_parameter("ReservedConcurrentExecutions must be a non-negative integer.")
        })?;
    set(lambda, &call, Some(asked)).await?;
    Ok(Answer::json(
        json!({ "ReservedConcurrentExecutions": asked }),
    ))
}

/// DeleteFunctionConcurrency.
pub(crate) async fn delete(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    set(lambda, &call, None).await?;
    Ok(Answer::default())
}

/// GetFunctionConcurrency.
pub(crate) fn get(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let function = unqualified(lambda, &reference)?;
    Ok(Answer::json(match function.reserved_concurrency {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    }))
}

async fn set(lambda: &Lambda, call: &Call, reserved: Option<u32>) -> Result<(), ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    function.reserved_concurrency = reserved;
    lambda.functions.put(vec![function]).await?;
    Ok(())
}
