//! The temporary credentials that are valid now.

use aws::ApiError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Batch, Keyspace, Order, Store, StoreError, Table};

const SESSIONS: Table = Table::new(Keyspace::Services, "sts/sessions");
/// Access keys by the second in which they expire, so that what is over can be found and removed.
const EXPIRIES: Table = Table::new(Keyspace::Services, "sts/expiries");

/// Each session that opens removes this many that are over: more than one, so that they never pile up.
const REMOVED_AT_ONCE: usize = 8;

pub(crate) struct Sessions {
    store: Store,
}

/// Whom temporary credentials stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// Epoch seconds.
    pub(crate) expires: i64,
}

impl Sessions {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The session of an access key, while it lasts.
    pub(crate) fn get(&self, access_key: &str) -> Result<Option<Session>, ApiError> {
        if !access_key.starts_with("ASIA") {
            return Ok(None);
        }
        let row = self
            .store
            .get(SESSIONS, access_key.as_bytes())
            .map_err(|error| failed(&error))?;
        let session: Option<Session> = row
            .map(|row| serde_json::from_slice(&row))
            .transpose()
            .map_err(|error| internal(&error.to_string()))?;
        Ok(session.filter(|session| session.expires > now()))
    }

    /// Gives out credentials that stand for `arn` for some seconds.
    pub(crate) async fn open(
        &self,
        account: &str,
        arn: &str,
        user_id: &str,
        seconds: i64,
    ) -> Result<Session, ApiError> {
        let [a, b, c] = [(); 3].map(|()| uuid::Uuid::new_v4().into_bytes());
        let session = Session {
            access_key: aws::access_key_id("ASIA", account, [a[0], a[1], a[2], a[3], a[4]]),
            secret: STANDARD.encode([&a[1..], &b[1..]].concat()),
            // Random like the rest: what it stands for is kept here.
            token: STANDARD.encode([b, c].concat()),
            account: account.into(),
            arn: arn.into(),
            user_id: user_id.into(),
            expires: now() + seconds,
        };
        let mut batch = Batch::default();
        self.remove_what_is_over(&mut batch)?;
        batch.put(
            SESSIONS,
            session.access_key.as_bytes(),
            serde_json::to_vec(&session).expect("a session is plain data"),
        );
        batch.put(
            EXPIRIES,
            &expiry_key(session.expires, &session.access_key),
            &b""[..],
        );
        match self.store.commit(batch).await {
            Ok(_) => Ok(session),
            Err(error) => Err(failed(&error)),
        }
    }

    fn remove_what_is_over(&self, batch: &mut Batch) -> Result<(), ApiError> {
        let rows = self
            .store
            .range(
                EXPIRIES,
                Bound::Unbounded,
                Bound::Excluded(&expiry_key(now(), "")),
                Order::Ascending,
                REMOVED_AT_ONCE,
            )
            .map_err(|error| failed(&error))?;
        for (key, _) in rows {
            batch.delete(EXPIRIES, &key);
            batch.delete(SESSIONS, &key[8..]);
        }
        Ok(())
    }
}

fn expiry_key(expires: i64, access_key: &str) -> Vec<u8> {
    let mut key = expires.to_be_bytes().to_vec();
    key.extend(access_key.as_bytes());
    key
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn failed(error: &StoreError) -> ApiError {
    internal(&error.to_string())
}

fn internal(text: &str) -> ApiError {
    ApiError::new("InternalFailure", text).with_status(500)
}
