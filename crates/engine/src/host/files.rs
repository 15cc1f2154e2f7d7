//! The guest's file system: the code, read-only, and `/tmp` with a quota.
//!
//! It is `wasmtime-wasi`'s file system with two additions. The folders are opened when the guest first asks for them,
//! so that a function without files pays nothing, and whatever may grow `/tmp` asks the quota first.

use super::{CODE_ROOT, quota::Quota};
use crate::store::OnDisk;
use bytes::Bytes;
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tempfile::TempDir;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::{
    WasiCtx,
    filesystem::{Descriptor, FsPerms, WasiFilesystemCtx, WasiFilesystemCtxView},
    p2::{
        DynInputStream, DynOutputStream, FsError, FsResult, OutputStream, Pollable, StreamError, StreamResult,
        bindings::filesystem::{
            preopens,
            types::{self, HostDescriptor, HostDirectoryEntryStream},
        },
    },
};

type Fd = Resource<Descriptor>;

/// What instances of one function need for their folders.
pub(crate) struct Folders {
    on_disk: OnDisk,
    /// Where folders for `/tmp` are made.
    tmp_root: Arc<Path>,
    /// Folders that an instance asked for and never changed: the next instance takes them over. Programs in C and in
    /// Rust's WASI 0.1 ask at every start, and making folders would be the larger part of it.
    unused: Mutex<Vec<Opened>>,
}

/// The most unused folders that are kept for a function.
const UNUSED_FOLDERS: usize = 64;

impl Folders {
    pub(crate) fn new(on_disk: OnDisk, tmp_root: Arc<Path>) -> Self {
        Self { on_disk, tmp_root, unused: Mutex::new(Vec::new()) }
    }

    fn open(&self) -> wasmtime::Result<Opened> {
        if let Some(opened) = self.unused.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(opened);
        }
        let tmp = tempfile::tempdir_in(&self.tmp_root)?;
        let mut wasi = WasiCtx::builder();
        wasi.preopened_dir(&self.on_disk.code, CODE_ROOT, FsPerms::ReadOnly)?;
        wasi.preopened_dir(tmp.path(), "/tmp", FsPerms::ReadWrite)?;
        Ok(Opened { ctx: wasi.build().filesystem().clone(), tmp })
    }

    fn keep(&self, opened: Opened) -> Result<(), Opened> {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        if unused.len() >= UNUSED_FOLDERS {
            return Err(opened);
        }
        unused.push(opened);
        Ok(())
    }
}

/// The folders of an instance, once the guest has asked for them.
struct Opened {
    ctx: WasiFilesystemCtx,
    tmp: TempDir,
}

/// The files of one instance. `/tmp` is removed with it.
pub(crate) struct Files {
    folders: Arc<Folders>,
    quota: Quota,
    opened: Option<Opened>,
}

impl Files {
    pub(crate) fn new(folders: Arc<Folders>, tmp_bytes: u64) -> Self {
        Self { folders, quota: Quota::new(tmp_bytes), opened: None }
    }

    /// Whether the quota refused something since this was last asked.
    pub(crate) fn take_refused(&self) -> bool {
        // Nothing is refused before something is opened.
        self.opened.is_some() && self.quota.take_refused()
    }

    /// Whether the guest has asked for its folders.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    fn open(&mut self) -> wasmtime::Result<&mut WasiFilesystemCtx> {
        if self.opened.is_none() {
            let opened = self.folders.open()?;
            self.quota.set_folder(opened.tmp.path());
            self.opened = Some(opened);
        }
        Ok(&mut self.opened.as_mut().expect("it was just opened").ctx)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let Some(opened) = self.opened.take() else { return };
        let used = if self.quota.is_touched() { Err(opened) } else { self.folders.keep(opened) };
        // A guest may have left thousands of files, and instances end on async threads. Nobody has to wait for this:
        // a runtime that shuts down first drops the work, and with it the folder.
        if let (Err(opened), Ok(runtime)) = (used, tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn_blocking(move || drop(opened)));
        }
    }
}

/// The file system of the running guest.
pub(crate) struct FilesView<'a> {
    pub(crate) files: &'a mut Files,
    pub(crate) table: &'a mut ResourceTable,
}

pub(crate) struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FilesView<'a>;
}

impl FilesView<'_> {
    /// The same, without the quota.
    fn inner(&mut self) -> wasmtime::Result<WasiFilesystemCtxView<'_>> {
        Ok(WasiFilesystemCtxView { ctx: self.files.open()?, table: self.table })
    }

    fn trapping_inner(&mut self) -> FsResult<WasiFilesystemCtxView<'_>> {
        self.inner().map_err(FsError::trap)
    }

    /// Wraps a stream into `/tmp` so that what it writes is counted.
    fn counted(&mut self, stream: Resource<DynOutputStream>) -> FsResult<Resource<DynOutputStream>> {
        let inner = self.table.delete(stream)?;
        let quota = self.files.quota.clone();
        let counted: DynOutputStream = Box::new(CountedStream { inner, quota });
        Ok(self.table.push(counted)?)
    }
}

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        self.inner()?.get_directories()
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<types::ErrorCode> {
        self.inner()?.convert_error_code(error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<types::ErrorCode>> {
        self.inner()?.filesystem_error_code(error)
    }
}

impl HostDescriptor for FilesView<'_> {
    // What may grow `/tmp`: count first, then do.

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        self.files.quota.add(bytes.len() as u64)?;
        self.trapping_inner()?.write(fd, bytes, offset).await
    }

    async fn set_size(&mut self, fd: Fd, size: u64) -> FsResult<()> {
        self.files.quota.add(size)?;
        self.trapping_inner()?.set_size(fd, size).await
    }

    fn write_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.trapping_inner()?.write_via_stream(fd, offset)?;
        self.counted(stream)
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.trapping_inner()?.append_via_stream(fd)?;
        self.counted(stream)
    }

    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: types::PathFlags,
        path: String,
        open_flags: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Fd> {
        if open_flags.contains(types::OpenFlags::CREATE) {
            self.files.quota.add_entry()?;
        }
        let opened = self.trapping_inner()?.open_at(fd, path_flags, path, open_flags, flags).await?;
        if let Descriptor::File(file) = self.table.get(&opened)? {
            self.files.quota.opened(&file.file);
        }
        Ok(opened)
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.files.quota.add_entry()?;
        self.trapping_inner()?.create_directory_at(fd, path).await
    }

    async fn symlink_at(&mut self, fd: Fd, target: String, path: String) -> FsResult<()> {
        self.files.quota.add_entry()?;
        self.trapping_inner()?.symlink_at(fd, target, path).await
    }

    async fn link_at(
        &mut self,
        fd: Fd,
        path_flags: types::PathFlags,
        path: String,
        new_fd: Fd,
        new_path: String,
    ) -> FsResult<()> {
        self.files.quota.add_entry()?;
        self.trapping_inner()?.link_at(fd, path_flags, path, new_fd, new_path).await
    }

    // What may give something back: do first, then note it.

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.trapping_inner()?.unlink_file_at(fd, path).await?;
        self.files.quota.unlinked();
        Ok(())
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.trapping_inner()?.remove_directory_at(fd, path).await?;
        self.files.quota.unlinked();
        Ok(())
    }

    async fn rename_at(&mut self, fd: Fd, path: String, new_fd: Fd, new_path: String) -> FsResult<()> {
        self.trapping_inner()?.rename_at(fd, path, new_fd, new_path).await?;
        self.files.quota.unlinked();
        Ok(())
    }

    // What changes no size.

    async fn advise(&mut self, fd: Fd, offset: u64, len: u64, advice: types::Advice) -> FsResult<()> {
        self.trapping_inner()?.advise(fd, offset, len, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.trapping_inner()?.sync_data(fd).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.trapping_inner()?.sync(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<types::DescriptorFlags> {
        self.trapping_inner()?.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<types::DescriptorType> {
        self.trapping_inner()?.get_type(fd).await
    }

    async fn set_times(
        &mut self,
        fd: Fd,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        self.files.quota.touch();
        self.trapping_inner()?.set_times(fd, accessed, modified).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        path_flags: types::PathFlags,
        path: String,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        self.files.quota.touch();
        self.trapping_inner()?.set_times_at(fd, path_flags, path, accessed, modified).await
    }

    async fn read(&mut self, fd: Fd, len: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        self.trapping_inner()?.read(fd, len, offset).await
    }

    fn read_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynInputStream>> {
        self.trapping_inner()?.read_via_stream(fd, offset)
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<types::DirectoryEntryStream>> {
        self.trapping_inner()?.read_directory(fd).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.trapping_inner()?.readlink_at(fd, path).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<types::DescriptorStat> {
        self.trapping_inner()?.stat(fd).await
    }

    async fn stat_at(&mut self, fd: Fd, flags: types::PathFlags, path: String) -> FsResult<types::DescriptorStat> {
        self.trapping_inner()?.stat_at(fd, flags, path).await
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        self.inner()?.is_same_object(one, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<types::MetadataHashValue> {
        self.trapping_inner()?.metadata_hash(fd).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        self.trapping_inner()?.metadata_hash_at(fd, flags, path).await
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        HostDescriptor::drop(&mut self.inner()?, fd)
    }
}

impl HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<types::DirectoryEntryStream>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        self.trapping_inner()?.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<types::DirectoryEntryStream>) -> wasmtime::Result<()> {
        HostDirectoryEntryStream::drop(&mut self.inner()?, stream)
    }
}

/// A stream into a file whose bytes are counted before they are written.
struct CountedStream {
    inner: DynOutputStream,
    quota: Quota,
}

impl CountedStream {
    fn count(&self, bytes: &Bytes) -> StreamResult<()> {
        self.quota.add(bytes.len() as u64).map_err(|error| StreamError::LastOperationFailed(error.into()))
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for CountedStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.count(&bytes)?;
        self.inner.write(bytes)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.count(&bytes)?;
        self.inner.blocking_write_and_flush(bytes).await
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for CountedStream {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}
