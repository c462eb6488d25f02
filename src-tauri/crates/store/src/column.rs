//! How the model's types become columns, and columns become them again.

use chrono::{DateTime, Utc};
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type};

use crate::StoreError;

/// A value that serde writes as one text: an identifier or an enumeration. The schema's CHECKs know the same words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T> Type<Sqlite> for Word<T> {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }

    fn compatible(info: &SqliteTypeInfo) -> bool {
        <str as Type<Sqlite>>::compatible(info)
    }
}

impl<'r, T: Deserialize<'r>> Decode<'r, Sqlite> for Word<T> {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let text: StrDeserializer<'r, WordError> =
            <&'r str as Decode<'r, Sqlite>>::decode(value)?.into_deserializer();
        Ok(Self(T::deserialize(text)?))
    }
}

impl<T: Serialize> Encode<'_, Sqlite> for Word<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        match serde_json::to_value(&self.0)? {
            serde_json::Value::String(text) => Encode::<Sqlite>::encode(text, buffer),
            other => Err(format!("{other} is no word").into()),
        }
    }
}

/// An instant as whole milliseconds of UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Millis(pub(crate) DateTime<Utc>);

impl Type<Sqlite> for Millis {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(info: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(info)
    }
}

impl<'r> Decode<'r, Sqlite> for Millis {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let millis = <i64 as Decode<'r, Sqlite>>::decode(value)?;
        DateTime::from_timestamp_millis(millis)
            .map(Self)
            .ok_or_else(|| format!("{millis} ms is beyond the calendar").into())
    }
}

impl Encode<'_, Sqlite> for Millis {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.timestamp_millis(), buffer)
    }
}

/// Milliseconds of an instant that may be missing, for rows that travel as JSON.
pub(crate) fn millis(instant: Option<DateTime<Utc>>) -> Option<i64> {
    instant.map(|instant| instant.timestamp_millis())
}

/// Writes a list that a statement unfolds again with `json_each`: one prepared statement serves any number of rows.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T, doing: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Encode { doing, source })
}
