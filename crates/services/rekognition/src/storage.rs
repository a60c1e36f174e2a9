//! Collections and faces: rows in the store, and each collection's vectors in memory once they are needed.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws::{ApiError, Caller};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Order, Store, StoreError, Table};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, OnceCell};
use uuid::Uuid;
use vision::{DIMENSIONS, Embedding, Gallery};

use crate::error;

const COLLECTIONS: Table = Table::new(Keyspace::Services, "rekognition/collections");
const FACES: Table = Table::new(Keyspace::Services, "rekognition/faces");

/// Rows read or deleted at a time.
const CHUNK: usize = 4096;
/// AWS's quota.
const FACES_MAX: usize = 20_000_000;

/// A collection's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CollectionRow {
    pub(crate) id: String,
    /// Milliseconds since 1970.
    pub(crate) created: u64,
    pub(crate) tags: std::collections::BTreeMap<String, String>,
}

/// What is kept of a face beside its vector.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FaceRow {
    pub(crate) id: Uuid,
    pub(crate) image: Uuid,
    pub(crate) external_image: Option<String>,
    /// Fractions of the picture: width, height, left, top.
    pub(crate) bounds: serde_json::Value,
    pub(crate) confidence: f32,
}

/// Whose collections: every key begins with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Owner {
    account: Arc<str>,
    region: Arc<str>,
}

impl Owner {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            account: Arc::clone(&caller.account),
            region: Arc::clone(&caller.region),
        }
    }

    /// None of the parts can hold a slash.
    fn key(&self, collection: &str) -> Vec<u8> {
        format!("{}/{}/{collection}", self.account, self.region).into_bytes()
    }
}

pub(crate) struct Storage {
    store: Store,
    open: Mutex<HashMap<(Owner, String), Arc<Collection>>>,
    /// Held while a collection comes or goes.
    births_and_deaths: AsyncMutex<()>,
}

/// A collection in use.
pub(crate) struct Collection {
    store: Store,
    key: Vec<u8>,
    /// Set while `writing` is held, when the collection is deleted.
    gone: AtomicBool,
    writing: AsyncMutex<()>,
    gallery: OnceCell<RwLock<Gallery>>,
}

/// The right to change a collection that is there.
pub(crate) struct Writing<'a> {
    collection: &'a Collection,
    _guard: MutexGuard<'a, ()>,
}

impl Storage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            open: Mutex::default(),
            births_and_deaths: AsyncMutex::default(),
        }
    }

    /// # Errors
    /// `ResourceAlreadyExistsException`.
    pub(crate) async fn create(&self, owner: &Owner, row: &CollectionRow) -> Result<(), ApiError> {
        let _guard = self.births_and_deaths.lock().await;
        if self.find(owner, &row.id)?.is_some() {
            return Err(error::collection_exists(&row.id));
        }
        self.put(owner, row).await
    }

    async fn put(&self, owner: &Owner, row: &CollectionRow) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        let value = serde_json::to_vec(row).map_err(|_| error::internal())?;
        batch.put(COLLECTIONS, &owner.key(&row.id), value);
        commit(&self.store, batch).await
    }

    fn find(&self, owner: &Owner, id: &str) -> Result<Option<CollectionRow>, ApiError> {
        let row = self.store.get(COLLECTIONS, &owner.key(id));
        row.map_err(|e| error::stored(&e))?
            .map(|row| parse(&row))
            .transpose()
    }

    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn row(&self, owner: &Owner, id: &str) -> Result<CollectionRow, ApiError> {
        self.find(owner, id)?
            .ok_or_else(|| error::no_collection(id))
    }

    /// Changes a collection's row.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, and what `change` refuses.
    pub(crate) async fn change(
        &self,
        owner: &Owner,
        id: &str,
        change: impl FnOnce(&mut CollectionRow) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let _guard = self.births_and_deaths.lock().await;
        let mut row = self.row(owner, id)?;
        change(&mut row)?;
        self.put(owner, &row).await
    }

    /// Up to `limit` collections after the one named, by name.
    pub(crate) fn list(
        &self,
        owner: &Owner,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CollectionRow>, ApiError> {
        page(&self.store, COLLECTIONS, owner.key(""), after, limit)?
            .iter()
            .map(|row| parse(row))
            .collect()
    }

    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn open(&self, owner: &Owner, id: &str) -> Result<Arc<Collection>, ApiError> {
        // INVARIANT: the row is read under the lock under which `delete` takes the collection out, after its row went.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        self.row(owner, id)?;
        let collection = open.entry((owner.clone(), id.into())).or_insert_with(|| {
            let mut key = owner.key(id);
            key.push(b'/');
            Arc::new(Collection {
                store: self.store.clone(),
                key,
                gone: AtomicBool::new(false),
                writing: AsyncMutex::default(),
                gallery: OnceCell::new(),
            })
        });
        Ok(Arc::clone(collection))
    }

    /// Deletes the faces and then the collection, so that a crash in between leaves nothing that can't be deleted.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) async fn delete(&self, owner: &Owner, id: &str) -> Result<(), ApiError> {
        let collection = self.open(owner, id)?;
        let writing = collection.writing.lock().await;
        loop {
            let rows = self
                .store
                .prefix(FACES, &collection.key, Order::Ascending, CHUNK)
                .map_err(|e| error::stored(&e))?;
            if rows.is_empty() {
                break;
            }
            let mut batch = Batch::default();
            for (key, _) in &rows {
                batch.delete(FACES, key);
            }
            commit(&self.store, batch).await?;
        }
        let _guard = self.births_and_deaths.lock().await;
        self.row(owner, id)?;
        let mut batch = Batch::default();
        batch.delete(COLLECTIONS, &owner.key(id));
        commit(&self.store, batch).await?;
        // Before another of the same name can be made, so that nobody finds this one under it.
        collection.gone.store(true, Ordering::Release);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&(owner.clone(), id.into()));
        drop(writing);
        Ok(())
    }
}

impl Collection {
    fn face_key(&self, id: &Uuid) -> Vec<u8> {
        let mut key = self.key.clone();
        key.extend_from_slice(id.to_string().as_bytes());
        key
    }

    /// The vectors, read from the store when first asked for.
    pub(crate) async fn gallery(&self) -> Result<&RwLock<Gallery>, ApiError> {
        self.gallery
            .get_or_try_init(|| async {
                let (store, key) = (self.store.clone(), self.key.clone());
                tokio::task::spawn_blocking(move || load(&store, &key).map(RwLock::new))
                    .await
                    .unwrap_or_else(|_| Err(error::internal()))
            })
            .await
    }

    /// How many faces there are.
    pub(crate) async fn count(&self) -> Result<usize, ApiError> {
        let gallery = self.gallery().await?;
        Ok(gallery.read().unwrap_or_else(PoisonError::into_inner).len())
    }

    /// The nearest faces to one, best first, with their cosines; none before [`Collection::gallery`] was asked for.
    pub(crate) fn nearest(
        &self,
        to: &Embedding,
        cosine_min: f32,
        limit: usize,
    ) -> Result<Vec<(FaceRow, f32)>, ApiError> {
        let found = self.gallery.get().map_or_else(Vec::new, |gallery| {
            let gallery = gallery.read().unwrap_or_else(PoisonError::into_inner);
            gallery.nearest(to, cosine_min, limit)
        });
        found
            .into_iter()
            .filter_map(|(id, cosine)| {
                // One deleted meanwhile is no match.
                let face = self.face(&Uuid::from_u128(id)).transpose()?;
                Some(face.map(|(row, _)| (row, cosine)))
            })
            .collect()
    }

    /// A face and its vector.
    pub(crate) fn face(&self, id: &Uuid) -> Result<Option<(FaceRow, Embedding)>, ApiError> {
        let row = self.store.get(FACES, &self.face_key(id));
        row.map_err(|e| error::stored(&e))?
            .map(|row| read_face(&row))
            .transpose()
    }

    /// Up to `limit` faces after the one named, by id.
    pub(crate) fn faces(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<FaceRow>, ApiError> {
        page(&self.store, FACES, self.key.clone(), after, limit)?
            .iter()
            .map(|row| read_face(row).map(|(face, _)| face))
            .collect()
    }

    /// Waits for the right to change the collection; none if it has been deleted.
    pub(crate) async fn write(&self) -> Option<Writing<'_>> {
        let guard = self.writing.lock().await;
        (!self.gone.load(Ordering::Acquire)).then_some(Writing {
            collection: self,
            _guard: guard,
        })
    }
}

impl Writing<'_> {
    /// # Errors
    /// `ServiceQuotaExceededException` above AWS's twenty million faces.
    pub(crate) async fn add(&self, faces: &[(FaceRow, Embedding)]) -> Result<(), ApiError> {
        let gallery = self.collection.gallery().await?;
        if self.collection.count().await? + faces.len() > FACES_MAX {
            return Err(error::quota("The collection holds 20 million faces."));
        }
        let mut batch = Batch::default();
        for (face, embedding) in faces {
            let key = self.collection.face_key(&face.id);
            batch.put(FACES, &key, write_face(face, embedding)?);
        }
        commit(&self.collection.store, batch).await?;
        let mut gallery = gallery.write().unwrap_or_else(PoisonError::into_inner);
        for (face, embedding) in faces {
            gallery.add(face.id.as_u128(), embedding);
        }
        Ok(())
    }

    /// The ids that were there, and are no more.
    pub(crate) async fn remove(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, ApiError> {
        let gallery = self.collection.gallery().await?;
        let there: Vec<Uuid> = {
            let gallery = gallery.read().unwrap_or_else(PoisonError::into_inner);
            let there = ids.iter().filter(|id| gallery.contains(id.as_u128()));
            there.copied().collect()
        };
        let mut batch = Batch::default();
        for id in &there {
            batch.delete(FACES, &self.collection.face_key(id));
        }
        if !batch.is_empty() {
            commit(&self.collection.store, batch).await?;
        }
        let mut gallery = gallery.write().unwrap_or_else(PoisonError::into_inner);
        for id in &there {
            gallery.remove(id.as_u128());
        }
        Ok(there)
    }
}

fn load(store: &Store, prefix: &[u8]) -> Result<Gallery, ApiError> {
    let mut gallery = Gallery::default();
    let mut after: Option<String> = None;
    loop {
        let rows = page(store, FACES, prefix.to_vec(), after.as_deref(), CHUNK)?;
        for row in &rows {
            let (face, embedding) = read_face(row)?;
            gallery.add(face.id.as_u128(), &embedding);
            after = Some(face.id.to_string());
        }
        if rows.len() < CHUNK {
            return Ok(gallery);
        }
    }
}

/// The values of up to `limit` rows whose key begins with `prefix` and goes on after `after`.
fn page(
    store: &Store,
    table: Table,
    prefix: Vec<u8>,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Bytes>, ApiError> {
    let mut end = prefix.clone();
    // Ids are ASCII.
    end.push(0xff);
    let mut from = prefix;
    let from = match after {
        Some(after) => {
            from.extend_from_slice(after.as_bytes());
            Bound::Excluded(from.as_slice())
        }
        None => Bound::Included(from.as_slice()),
    };
    let rows = store
        .range(table, from, Bound::Excluded(&end), Order::Ascending, limit)
        .map_err(|e| error::stored(&e))?;
    Ok(rows.into_iter().map(|(_, value)| value).collect())
}

async fn commit(store: &Store, batch: Batch) -> Result<(), ApiError> {
    let done: Result<_, StoreError> = store.commit(batch).await;
    done.map(|_| ()).map_err(|e| error::stored(&e))
}

fn parse<'a, T: Deserialize<'a>>(row: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|error| {
        tracing::error!(%error, "a row of the face store can't be read");
        error::internal()
    })
}

/// The format of a face's row, and the model its vector is of: vectors of different models can't be compared.
const SFACE_2021: u8 = 1;

/// Format, 128 little-endian floats, JSON.
fn write_face(face: &FaceRow, embedding: &Embedding) -> Result<Vec<u8>, ApiError> {
    let mut row = Vec::with_capacity(1 + DIMENSIONS * 4 + 256);
    row.push(SFACE_2021);
    for value in embedding.0 {
        row.extend_from_slice(&value.to_le_bytes());
    }
    serde_json::to_writer(&mut row, face).map_err(|_| error::internal())?;
    Ok(row)
}

fn read_face(row: &[u8]) -> Result<(FaceRow, Embedding), ApiError> {
    let unreadable = || {
        tracing::error!("a face's row is of a format this release does not know");
        error::internal()
    };
    let (format, rest) = row.split_first().ok_or_else(unreadable)?;
    if *format != SFACE_2021 {
        return Err(unreadable());
    }
    let (vector, json) = rest
        .split_at_checked(DIMENSIONS * 4)
        .ok_or_else(unreadable)?;
    let mut embedding = [0.0; DIMENSIONS];
    for (value, bytes) in embedding.iter_mut().zip(vector.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(*bytes);
    }
    Ok((parse(json)?, Embedding(embedding)))
}
