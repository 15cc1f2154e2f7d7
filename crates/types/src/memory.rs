use std::{fmt, str::FromStr};

/// The memory of a function, in MiB: one of the sizes the cloud offers. CPU comes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(u32);

/// A size that is not on offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given} is not a memory size; choose one of {sizes:?} (MiB)", sizes = Memory::SIZES)]
pub struct MemoryError {
    given: String,
}

impl Memory {
    /// The sizes on offer, in MiB.
    pub const SIZES: [u32; 15] =
        [128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 8192, 10240];

    /// What a function gets when nothing is configured.
    pub const DEFAULT: Self = Self(128);

    /// A memory of `mib` MiB.
    ///
    /// # Errors
    /// When the size is none of [`Memory::SIZES`].
    pub fn mib(mib: u32) -> Result<Self, MemoryError> {
        if Self::SIZES.contains(&mib) { Ok(Self(mib)) } else { Err(MemoryError { given: mib.to_string() }) }
    }

    /// The size in MiB.
    pub const fn as_mib(self) -> u32 {
        self.0
    }

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }

    /// The CPU that comes with the memory: 100 millicores for every 128 MiB, and 200 on top.
    pub const fn millicores(self) -> u32 {
        self.0 / 128 * 100 + 200
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl FromStr for Memory {
    type Err = MemoryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || MemoryError { given: text.to_owned() };
        text.parse().map_err(|_| refused()).and_then(Self::mib)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}MB", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_follows_memory() {
        assert_eq!(Memory::DEFAULT.millicores(), 300);
        assert_eq!(Memory::mib(10240).unwrap().millicores(), 8200);
    }

    #[test]
    fn a_size_that_is_not_on_offer_is_refused_with_the_list() {
        let error = "100".parse::<Memory>().unwrap_err().to_string();
        assert!(error.starts_with("100 is not a memory size") && error.contains("128"), "{error}");
        assert!("many".parse::<Memory>().is_err());
    }
}
