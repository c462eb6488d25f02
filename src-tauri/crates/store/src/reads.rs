//! Gives one read function to everybody who can read.

/// Declares reads once, for [`Store`](crate::Store) and [`Transaction`](crate::Transaction) alike. Each stands for a
/// function of the same name beside it that takes a connection first; a transaction's reads see its own writes.
macro_rules! reads {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        impl crate::Store {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`StoreError`](crate::StoreError) when the replica cannot be read.
                pub async fn $name(&self, $($argument: $type),*) -> Result<$output, crate::StoreError> {
                    let mut reader = self.reader().await?;
                    $name(reader.connection(), $($argument),*).await.inspect_err(|error| self.note_damage(error))
                }
            )*
        }

        impl crate::Transaction {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`StoreError`](crate::StoreError) when the replica cannot be read.
                pub async fn $name(&mut self, $($argument: $type),*) -> Result<$output, crate::StoreError> {
                    $name(self.connection(), $($argument),*).await
                }
            )*
        }
    };
}
