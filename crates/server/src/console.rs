//! The console's files, put into the binary by `build.rs`.

use std::sync::Arc;

use gateway::{Console, ConsoleFile, PageMount};

include!(concat!(env!("OUT_DIR"), "/console.rs"));

pub(crate) fn mount() -> PageMount {
    PageMount {
        prefix: Console::PREFIX,
        service: Arc::new(Console::new(FILES)),
    }
}
