#!/usr/bin/env escript
%% How does Erlang's ssh serve a folder? Run as `escript erlang_server.escript PORT HOST_KEY_FOLDER FOLDER`.

main([Port, HostKeyFolder, Root]) ->
    {ok, _} = application:ensure_all_started(ssh),
    {ok, _} = ssh:daemon({127, 0, 0, 1}, list_to_integer(Port), [
        {system_dir, HostKeyFolder},
        {auth_methods, "password"},
        {user_passwords, [{os:getenv("SFTP_USER"), os:getenv("SFTP_PASSWORD")}]},
        {subsystems, [ssh_sftpd:subsystem_spec([{root, Root}])]}
    ]),
    receive stop -> ok end.
