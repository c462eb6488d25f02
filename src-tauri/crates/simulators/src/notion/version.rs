//! The versions of the API that a client can choose between with a header.

use super::error::ApiError;

/// A version, as far as it makes a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    /// Until 2022-06-28: a database is one table.
    Tables,
    /// 2025-09-03: a database contains data sources.
    DataSources,
    /// 2026-03-11: `archived` is gone, and appended blocks have a `position`.
    Trash,
}

impl Version {
    pub(crate) fn parse(header: Option<&str>) -> Result<Self, ApiError> {
        match header.map(str::trim) {
            None | Some("") => Err(ApiError::missing_version()),
            Some("2021-05-11" | "2021-05-13" | "2021-08-16" | "2022-02-22" | "2022-06-28") => {
                Ok(Self::Tables)
            }
            Some("2025-09-03") => Ok(Self::DataSources),
            Some("2026-03-11") => Ok(Self::Trash),
            Some(other) => Err(ApiError::validation(format!(
                "Notion-Version header failed validation: Notion-Version header should be `\"2022-06-28\"`, \
                 `\"2025-09-03\"`, or `\"2026-03-11\"`, instead was `\"{other}\"`."
            ))),
        }
    }

    /// The version as it is written, for webhooks.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tables => "2022-06-28",
            Self::DataSources => "2025-09-03",
            Self::Trash => "2026-03-11",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_required_and_known() {
        assert_eq!(Version::parse(None).unwrap_err().code(), "missing_version");
        assert_eq!(Version::parse(Some("2030-01-01")).unwrap_err().code(), "validation_error");
        assert_eq!(Version::parse(Some("2021-08-16")).unwrap(), Version::Tables);
        assert!(Version::Tables < Version::DataSources && Version::DataSources < Version::Trash);
    }
}
