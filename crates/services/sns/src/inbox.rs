//! What would have been an email or a text message: kept where people and tests can read it.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use aws::ApiError;
use serde::{Deserialize, Serialize};
use store::{Batch, Order, Store};

use crate::error::stored;
use crate::storage::{INBOX, put, read, text_of};

/// How many letters an account's inbox holds: enough for any test to find its own; at 256 KB each they are 256 MB.
pub(crate) const LETTERS_MAX: usize = 1000;

/// Letters read at a time: each holds up to 256 KB.
const PAGE: usize = 50;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    pub(crate) kind: Kind,
    /// An address or a phone number.
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic_arn: Option<String>,
    pub(crate) message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirm_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unsubscribe_url: Option<String>,
    /// `2026-11-22T17:00:00.000Z`
    pub(crate) sent: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Confirmation,
    Notification,
    Sms,
}

pub(crate) struct Inbox {
    store: Store,
    /// The numbers of each account's letters, oldest first, as far as they have been read.
    accounts: Mutex<HashMap<String, VecDeque<u64>>>,
}

impl Inbox {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            accounts: Mutex::default(),
        }
    }

    /// Adds a letter to a batch; the oldest one goes where there are too many.
    pub(crate) fn put(
        &self,
        batch: &mut Batch,
        account: &str,
        number: u64,
        letter: &Letter,
    ) -> Result<(), ApiError> {
        let mut accounts = self.accounts.lock().expect("no holder of this lock panics");
        if !accounts.contains_key(account) {
            accounts.insert(account.to_owned(), self.numbers(account)?);
        }
        let numbers = accounts.entry(account.to_owned()).or_default();
        put(batch, INBOX, &key(account, number), letter);
        numbers.push_back(number);
        while numbers.len() > LETTERS_MAX
            && let Some(oldest) = numbers.pop_front()
        {
            batch.delete(INBOX, key(account, oldest).as_bytes());
        }
        Ok(())
    }

    fn numbers(&self, account: &str) -> Result<VecDeque<u64>, ApiError> {
        let mut numbers = VecDeque::new();
        loop {
            let before = numbers.front().copied();
            let page = self.page(account, before, PAGE)?;
            let is_last = page.len() < PAGE;
            for (number, _) in page {
                numbers.push_front(number);
            }
            if is_last {
                return Ok(numbers);
            }
        }
    }

    /// Letters of an account, newest first, older than a number if one is given.
    pub(crate) fn page(
        &self,
        account: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, Letter)>, ApiError> {
        use std::ops::Bound;
        let first = format!("{account}/");
        let end = match before {
            Some(number) => key(account, number),
            None => format!("{account}0"),
        };
        let rows = self
            .store
            .range(
                INBOX,
                Bound::Included(first.as_bytes()),
                Bound::Excluded(end.as_bytes()),
                Order::Descending,
                limit,
            )
            .map_err(|error| stored(&error))?;
        rows.iter()
            .map(|(key, row)| {
                let number = text_of(key)[first.len()..].parse().unwrap_or_default();
                Ok((number, read(row)?))
            })
            .collect()
    }

    /// The newest letters of an account to an address, and where the next page begins.
    pub(crate) fn letters(
        &self,
        account: &str,
        to: Option<&str>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Letter>, Option<u64>), ApiError> {
        let mut found = Vec::new();
        let mut last_found = None;
        let mut before = before;
        loop {
            let page = self.page(account, before, PAGE)?;
            let is_last = page.len() < PAGE;
            for (number, letter) in page {
                before = Some(number);
                if to.is_some_and(|to| !letter.to.eq_ignore_ascii_case(to)) {
                    continue;
                }
                if found.len() == limit {
                    return Ok((found, last_found));
                }
                found.push(letter);
                last_found = Some(number);
            }
            if is_last {
                return Ok((found, None));
            }
        }
    }
}

fn key(account: &str, number: u64) -> String {
    format!("{account}/{number:020}")
}
