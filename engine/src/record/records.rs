//! Records of the MCAP format (<https://mcap.dev/spec>) as bytes.

use std::collections::BTreeMap;

/// Bytes that grow by records, and where in the file they will stand.
#[derive(Default)]
pub(super) struct Records {
    pub bytes: Vec<u8>,
    base: u64,
}

impl Records {
    /// Begins at this position of the file.
    pub fn at(base: u64) -> Self {
        Self {
            bytes: Vec::new(),
            base,
        }
    }

    /// Where the next byte stands in the file.
    pub fn position(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// Adds a record with the body that `body` writes.
    pub fn record(&mut self, opcode: u8, body: impl FnOnce(&mut Self)) {
        self.bytes.push(opcode);
        let at = self.bytes.len();
        self.u64(0);
        body(self);
        let length = (self.bytes.len() - at - 8) as u64;
        self.bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
    }

    pub fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Sizes are 32 bits wide: names, definitions and indexes are far smaller.
    pub fn size(&mut self, size: usize) {
        self.u32(u32::try_from(size).unwrap_or(u32::MAX));
    }

    pub fn blob(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// A map is preceded by its length in bytes.
    fn measured(&mut self, body: impl FnOnce(&mut Self)) {
        let at = self.bytes.len();
        self.u32(0);
        body(self);
        let length = u32::try_from(self.bytes.len() - at - 4).unwrap_or(u32::MAX);
        self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    pub fn map(&mut self, map: &BTreeMap<String, String>) {
        self.measured(|out| {
            for (key, value) in map {
                out.text(key);
                out.text(value);
            }
        });
    }

    /// Numbers by channel.
    pub fn numbers(&mut self, numbers: impl IntoIterator<Item = (u16, u64)>) {
        self.measured(|out| {
            for (key, value) in numbers {
                out.u16(key);
                out.u64(value);
            }
        });
    }

    /// Pairs of times and offsets.
    pub fn pairs(&mut self, pairs: &[(u64, u64)]) {
        self.measured(|out| {
            for (time, offset) in pairs {
                out.u64(*time);
                out.u64(*offset);
            }
        });
    }
}
