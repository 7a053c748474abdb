//! Reads fields out of the body of a record, each checked against what is there.

/// What is left of a record's body.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A text behind its length; what is not UTF-8 is replaced.
    pub(super) fn text(&mut self) -> Option<String> {
        let bytes = self.block()?;
        Some(String::from_utf8_lossy(bytes.0).into_owned())
    }

    /// Bytes behind their length.
    pub(super) fn block(&mut self) -> Option<Cursor<'a>> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.bytes(length).map(Cursor)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
