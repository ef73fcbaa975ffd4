// How does the npm package ssh2 serve a folder? Run as `node server.js PORT HOST_KEY FOLDER`.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Server, utils } = require("ssh2");

const { STATUS_CODE, flagsToString } = utils.sftp;
const [port, hostKey, root] = process.argv.slice(2);
const codes = { ENOENT: STATUS_CODE.NO_SUCH_FILE, EACCES: STATUS_CODE.PERMISSION_DENIED, EPERM: STATUS_CODE.PERMISSION_DENIED };

function serve(sftp) {
  const handles = new Map();
  let last = 0;
  const local = (name) => path.join(root, path.posix.resolve("/", name));
  const keep = (value) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(++last);
    handles.set(last, value);
    return handle;
  };
  const kept = (handle) => handles.get(handle.readUInt32BE(0));
  const status = (request) => (error) =>
    sftp.status(request, error ? (codes[error.code] ?? STATUS_CODE.FAILURE) : STATUS_CODE.OK);
  const attributes = (request) => (error, found) => (error ? status(request)(error) : sftp.attrs(request, found));

  sftp.on("end", () => sftp.end());
  sftp.on("REALPATH", (request, name) => {
    const filename = path.posix.resolve("/", name);
    sftp.name(request, [{ filename, longname: filename, attrs: {} }]);
  });
  sftp.on("STAT", (request, name) => fs.stat(local(name), attributes(request)));
  sftp.on("LSTAT", (request, name) => fs.lstat(local(name), attributes(request)));
  sftp.on("FSTAT", (request, handle) => fs.fstat(kept(handle), attributes(request)));
  sftp.on("SETSTAT", (request) => status(request)());
  sftp.on("FSETSTAT", (request) => status(request)());
  sftp.on("OPEN", (request, name, flags) =>
    fs.open(local(name), flagsToString(flags) ?? "r", (error, file) =>
      error ? status(request)(error) : sftp.handle(request, keep(file))));
  sftp.on("WRITE", (request, handle, offset, data) =>
    fs.write(kept(handle), data, 0, data.length, offset, status(request)));
  sftp.on("READ", (request, handle, offset, length) =>
    fs.read(kept(handle), Buffer.alloc(length), 0, length, offset, (error, count, data) => {
      if (error) status(request)(error);
      else if (count === 0) sftp.status(request, STATUS_CODE.EOF);
      else sftp.data(request, data.subarray(0, count));
    }));
  sftp.on("CLOSE", (request, handle) => {
    const file = kept(handle);
    handles.delete(handle.readUInt32BE(0));
    if (typeof file === "number") fs.close(file, status(request));
    else status(request)();
  });
  sftp.on("OPENDIR", (request, name) =>
    fs.readdir(local(name), (error, names) =>
      error ? status(request)(error) : sftp.handle(request, keep({ folder: local(name), names }))));
  sftp.on("READDIR", (request, handle) => {
    const { folder, names } = kept(handle);
    if (!names.length) return sftp.status(request, STATUS_CODE.EOF);
    return sftp.name(request, names.splice(0).map((filename) =>
      ({ filename, longname: filename, attrs: fs.statSync(path.join(folder, filename)) })));
  });
  sftp.on("REMOVE", (request, name) => fs.unlink(local(name), status(request)));
  sftp.on("MKDIR", (request, name) => fs.mkdir(local(name), status(request)));
  // As version 3 of the protocol says: it is an error if there is a file of the new name.
  sftp.on("RENAME", (request, from, to) =>
    fs.link(local(from), local(to), (error) => (error ? status(request)(error) : fs.unlink(local(from), status(request)))));
}

new Server({ hostKeys: [fs.readFileSync(hostKey)] }, (client) => {
  client.setNoDelay?.(true);
  client.on("error", () => {});
  client.on("authentication", (login) => {
    const known = login.username === process.env.SFTP_USER && login.password === process.env.SFTP_PASSWORD;
    return login.method === "password" && known ? login.accept() : login.reject(["password"]);
  });
  client.on("ready", () => client.on("session", (accept) => accept().on("sftp", (open) => serve(open()))));
}).listen(Number(port), "127.0.0.1");
