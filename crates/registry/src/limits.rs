//! What a project may have.

use crate::Invalid;
use fngraph_types::ErrorCode;

/// What one project may have. The defaults are the cloud's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most functions: up to 1 000 000. All of them are held in memory. Default: 400 (`FSS.1041` beyond it).
    pub functions_per_project: u32,
    /// The most bytes of code packages and dependencies; versions that share one count once. Default: 10 GiB (`FSS.1042`
    /// beyond it, whose text says 20 GB).
    pub code_bytes_per_project: u64,
    /// The most reserved instances. Default: 900, 90 % of the 1000 instances of an account (`FSS.1076` beyond it).
    pub reserved_per_project: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { functions_per_project: 400, code_bytes_per_project: 10 * 1024 * 1024 * 1024, reserved_per_project: 900 }
    }
}

impl Limits {
    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        if self.functions_per_project <= 1_000_000 {
            return Ok(());
        }
        let field = "number of functions per project";
        Err(Invalid::new(ErrorCode::InvalidParameter, field, self.functions_per_project, "up to 1000000"))
    }
}
