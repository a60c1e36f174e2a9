//! One suite, run on every backend.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;
use store::{Batch, Disk, Fault, Keyspace, Order, Store, StoreError, Table};

const ROWS: Table = Table::new(Keyspace::Services, "rows");
const BESIDE: Table = Table::new(Keyspace::Services, "rowsx");
const STATE: Table = Table::new(Keyspace::State, "rows");

/// Where a backend keeps its rows, and how it is opened again.
trait Place {
    fn open(&self) -> Store;
    fn outlives_its_store(&self) -> bool;
}

struct InMemory;
impl Place for InMemory {
    fn open(&self) -> Store {
        Store::memory()
    }
    fn outlives_its_store(&self) -> bool {
        false
    }
}

struct OnTestDisk(Disk);
impl Place for OnTestDisk {
    fn open(&self) -> Store {
        self.0.open(|_| Fault::None)
    }
    fn outlives_its_store(&self) -> bool {
        true
    }
}

struct InFolder(tempfile::TempDir);
impl Place for InFolder {
    fn open(&self) -> Store {
        Store::open(self.0.path()).expect("the folder is ours alone")
    }
    fn outlives_its_store(&self) -> bool {
        true
    }
}

fn places() -> Vec<Box<dyn Place>> {
    vec![
        Box::new(InMemory),
        Box::new(OnTestDisk(Disk::default())),
        Box::new(folder()),
    ]
}

fn folder() -> InFolder {
    InFolder(tempfile::tempdir().expect("the system has room for a folder"))
}

fn row(key: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::default();
    batch.put(ROWS, key, value.to_vec());
    batch
}

fn keys(
    store: &Store,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
    order: Order,
    limit: usize,
) -> Vec<Vec<u8>> {
    store
        .range(ROWS, from, to, order, limit)
        .expect("the rows can be read")
        .into_iter()
        .map(|(key, _)| key.to_vec())
        .collect()
}

#[test]
fn a_batch_is_there_as_a_whole_once_it_is_acknowledged() {
    for place in places() {
        let store = place.open();
        let mut batch = row(b"a", b"1");
        batch.put(STATE, b"a", &b"2"[..]);
        batch.delete(ROWS, b"never there");
        store.commit_blocking(batch).expect("it commits");
        assert_eq!(
            store.get(ROWS, b"a").expect("it reads").as_deref(),
            Some(&b"1"[..])
        );
        assert_eq!(
            store.get(STATE, b"a").expect("it reads").as_deref(),
            Some(&b"2"[..])
        );
        assert_eq!(store.get(BESIDE, b"a").expect("it reads"), None);
    }
}

#[test]
fn of_several_writes_to_a_key_in_one_batch_the_last_wins() {
    for place in places() {
        let store = place.open();
        let mut batch = row(b"kept", b"1");
        batch.delete(ROWS, b"kept");
        batch.put(ROWS, b"kept", &b"2"[..]);
        batch.put(ROWS, b"gone", &b"1"[..]);
        batch.delete(ROWS, b"gone");
        store.commit_blocking(batch).expect("it commits");
        assert_eq!(
            store.get(ROWS, b"kept").expect("it reads").as_deref(),
            Some(&b"2"[..])
        );
        assert_eq!(store.get(ROWS, b"gone").expect("it reads"), None);
    }
}

#[test]
fn ranges_keep_to_their_table_and_to_their_bounds_in_both_orders() {
    for place in places() {
        let store = place.open();
        let mut batch = Batch::default();
        for key in [&b"a"[..], b"b", b"c", b"\xff\xff"] {
            batch.put(ROWS, key, &b"v"[..]);
        }
        batch.put(BESIDE, b"b", &b"v"[..]);
        store.commit_blocking(batch).expect("it commits");
        let all = Bound::Unbounded;
        let ascending = keys(&store, all, all, Order::Ascending, 9);
        assert_eq!(ascending, [&b"a"[..], b"b", b"c", b"\xff\xff"]);
        assert_eq!(
            keys(&store, all, all, Order::Descending, 2),
            [&b"\xff\xff"[..], b"c"]
        );
        let (a, c) = (Bound::Excluded(&b"a"[..]), Bound::Included(&b"c"[..]));
        assert_eq!(keys(&store, a, c, Order::Descending, 9), [b"c", b"b"]);
        let none = keys(
            &store,
            Bound::Included(b"c"),
            Bound::Excluded(b"a"),
            Order::Ascending,
            9,
        );
        assert!(none.is_empty(), "bounds the wrong way round hold nothing");
        let under = store
            .prefix(ROWS, b"\xff", Order::Ascending, 9)
            .expect("it reads");
        assert_eq!(under.len(), 1);
    }
}

#[test]
fn batches_become_durable_in_the_order_they_were_submitted_in() {
    for place in places() {
        let store = place.open();
        let (tell, told) = std::sync::mpsc::channel();
        for number in 0..100_u8 {
            let tell = tell.clone();
            store.submit(row(b"counter", &[number]), move |lsn| {
                tell.send((number, lsn.expect("it commits")))
                    .expect("the test waits");
            });
        }
        drop(tell);
        let answers: Vec<_> = told.iter().collect();
        assert!(
            answers
                .windows(2)
                .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1)
        );
        assert_eq!(
            store.get(ROWS, b"counter").expect("it reads").as_deref(),
            Some(&[99][..])
        );
    }
}

#[test]
fn the_next_store_on_a_place_finds_what_was_acknowledged_and_counts_on() {
    for place in places()
        .into_iter()
        .filter(|place| place.outlives_its_store())
    {
        let first = place.open();
        first.commit_blocking(row(b"a", b"1")).expect("it commits");
        drop(first);
        let second = place.open();
        assert_eq!(
            second.get(ROWS, b"a").expect("it reads").as_deref(),
            Some(&b"1"[..])
        );
    }
}

#[test]
fn numbers_and_epochs_go_on_over_a_restart() {
    let place = folder();
    let first = place.open();
    let lsn = first.commit_blocking(row(b"a", b"1")).expect("it commits");
    let epoch = first.epoch();
    drop(first);
    let second = place.open();
    assert_eq!(second.epoch(), epoch + 1);
    assert!(second.commit_blocking(row(b"b", b"1")).expect("it commits") > lsn);
}

#[test]
fn a_folder_has_one_owner() {
    let place = folder();
    let first = place.open();
    let refused = Store::open(place.0.path())
        .err()
        .expect("the folder is in use");
    let told = format!(
        "the data folder `{}` is in use by another process; stop that one, or use another folder",
        place.0.path().display()
    );
    assert_eq!(refused.to_string(), told);
    drop(first);
    place.open();
}

#[test]
fn a_folder_that_cannot_be_one_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, b"").expect("the folder is ours");
    let refused = Store::open(file.join("data"))
        .err()
        .expect("a file has no folders");
    assert!(
        matches!(&refused, StoreError::Folder { path, .. } if path == &file.join("data")),
        "{refused:?}"
    );
}

#[test]
fn a_folder_of_another_format_is_refused() {
    let place = folder();
    let store = place.open();
    let mut batch = Batch::default();
    // The store's own rows have no table; this one writes the number of a release to come in their place.
    batch.put(Table::new(Keyspace::Meta, "x"), b"", &b""[..]);
    store.commit_blocking(batch).expect("it commits");
    drop(store);
    {
        let database = fjall::Database::builder(place.0.path().join("store"))
            .open()
            .expect("the folder is free");
        let meta = database
            .keyspace("meta", Default::default)
            .expect("it is there");
        meta.insert("format", 2_u64.to_be_bytes())
            .expect("it writes");
        database
            .persist(fjall::PersistMode::SyncAll)
            .expect("it writes");
    }
    let refused = Store::open(place.0.path())
        .err()
        .expect("format 2 is unknown");
    assert!(
        refused
            .to_string()
            .ends_with("has format 2, this release reads format 1"),
        "{refused}"
    );
}

#[test]
fn after_a_failed_commit_nothing_is_acknowledged_any_more() {
    for fault in [Fault::Lost, Fault::Kept] {
        let disk = Disk::default();
        let store = disk.open(move |lsn| if lsn.0 == 2 { fault } else { Fault::None });
        store
            .commit_blocking(row(b"a", b"1"))
            .expect("the first commits");
        let second = store.commit_blocking(row(b"b", b"1"));
        assert!(matches!(second, Err(StoreError::Io(_))), "{second:?}");
        let third = store.commit_blocking(row(b"c", b"1"));
        assert!(matches!(third, Err(StoreError::Poisoned)), "{third:?}");
        let again = disk.open(|_| Fault::None);
        let kept = again.get(ROWS, b"b").expect("it reads").is_some();
        assert_eq!(kept, fault == Fault::Kept);
        assert_eq!(again.get(ROWS, b"c").expect("it reads"), None);
    }
}

#[test]
fn an_empty_batch_costs_no_commit_and_tells_that_those_before_it_are_durable() {
    let disk = Disk::default();
    let store = disk.open(|lsn| if lsn.0 == 2 { Fault::Lost } else { Fault::None });
    let first = store.commit_blocking(row(b"a", b"1")).expect("it commits");
    let empty = store
        .commit_blocking(Batch::default())
        .expect("it is not the second commit");
    assert_eq!(empty, first);
    store
        .commit_blocking(row(b"b", b"1"))
        .expect_err("this is the second commit");
    store
        .commit_blocking(Batch::default())
        .expect_err("what came before is not durable");
}

#[test]
fn reads_do_not_wait_for_a_commit() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (reached, at_disk) = std::sync::mpsc::channel();
    let store = Disk::default().open(move |_| {
        reached.send(()).expect("the test waits");
        held.recv().expect("the test lets go");
        Fault::None
    });
    let (tell, told) = std::sync::mpsc::channel();
    store.submit(row(b"a", b"1"), move |result| {
        tell.send(result).expect("the test waits");
    });
    at_disk.recv().expect("the commit begins");
    assert_eq!(
        store.get(ROWS, b"a").expect("it reads"),
        None,
        "what is not durable is not seen"
    );
    let_go.send(()).expect("the disk waits");
    told.recv().expect("it is answered").expect("it commits");
    assert!(store.get(ROWS, b"a").expect("it reads").is_some());
}

#[test]
fn a_commit_cut_short_on_the_disk_is_gone_as_a_whole() {
    let place = folder();
    let store = place.open();
    for number in 0..10_u8 {
        store
            .commit_blocking(row(&[number], &[number; 100]))
            .expect("it commits");
    }
    // A copy taken while the store is open is what a crash leaves.
    let copy = tempfile::tempdir().expect("the system has room for a folder");
    copy_folder(&place.0.path().join("store"), &copy.path().join("store"));
    let journal = std::fs::read_dir(copy.path().join("store"))
        .expect("it was copied")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "jnl"))
        .expect("the database has a journal");
    let bytes = std::fs::read(&journal).expect("it was copied");
    let last = bytes
        .windows(100)
        .rposition(|window| window == [9; 100])
        .expect("the last row is in it");
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&journal)
        .expect("it was copied");
    file.set_len(last as u64 + 50).expect("it can be cut");
    drop(file);
    let again = Store::open(copy.path()).expect("a torn end is dropped");
    assert!(again.get(ROWS, &[8]).expect("it reads").is_some());
    assert_eq!(again.get(ROWS, &[9]).expect("it reads"), None);
    again
        .commit_blocking(row(&[9], b"again"))
        .expect("it goes on");
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from)
        .expect("the folder is ours")
        .filter_map(Result::ok)
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the folder is ours");
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Commit,
    Reopen,
    Range(Vec<u8>, Vec<u8>, bool, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || {
        prop::collection::vec(
            prop_oneof![Just(0_u8), Just(b'a'), Just(b'b'), Just(0xff)],
            0..3,
        )
    };
    let step = prop_oneof![
        6 => (key(), prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key().prop_map(Step::Delete),
        3 => Just(Step::Commit),
        1 => Just(Step::Reopen),
        2 => (key(), key(), any::<bool>(), 0..9_usize)
            .prop_map(|(from, to, down, limit)| Step::Range(from, to, down, limit)),
    ];
    prop::collection::vec(step, 1..40)
}

fn agree(place: &dyn Place, steps: &[Step]) {
    let mut store = place.open();
    let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut batch = Batch::default();
    let mut ahead = model.clone();
    for step in steps {
        match step {
            Step::Put(key, value) => {
                batch.put(ROWS, key, value.clone());
                ahead.insert(key.clone(), value.clone());
            }
            Step::Delete(key) => {
                batch.delete(ROWS, key);
                ahead.remove(key);
            }
            Step::Commit => {
                store
                    .commit_blocking(std::mem::take(&mut batch))
                    .expect("it commits");
                model.clone_from(&ahead);
            }
            Step::Reopen if place.outlives_its_store() => {
                drop(store);
                store = place.open();
                batch = Batch::default();
                ahead.clone_from(&model);
            }
            Step::Reopen => {}
            Step::Range(from, to, down, limit) => {
                let order = if *down {
                    Order::Descending
                } else {
                    Order::Ascending
                };
                let found = keys(
                    &store,
                    Bound::Included(from),
                    Bound::Excluded(to),
                    order,
                    *limit,
                );
                let mut expected: Vec<_> = model
                    .keys()
                    .filter(|key| *key >= from && *key < to)
                    .cloned()
                    .collect();
                if *down {
                    expected.reverse();
                }
                expected.truncate(*limit);
                assert_eq!(found, expected);
            }
        }
    }
    let found = keys(
        &store,
        Bound::Unbounded,
        Bound::Unbounded,
        Order::Ascending,
        usize::MAX,
    );
    assert_eq!(found, model.keys().cloned().collect::<Vec<_>>());
    for (key, value) in &model {
        assert_eq!(
            store.get(ROWS, key).expect("it reads").as_deref(),
            Some(&value[..])
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_backend_agrees_with_an_ordered_map(steps in steps()) {
        for place in places() {
            agree(&*place, &steps);
        }
    }
}
