/* The named pipe of Windows' ssh-agent: hands a client's requests to a port of
 * this machine, where the test has them reach a real agent, and the answers back.
 * Call: agent-pipe PIPE PORT; says `ready` when the pipe is there. */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

static HANDLE pipe;
static SOCKET agent;

static int from_pipe(char *into, int most)
{
    DWORD got = 0;
    return ReadFile(pipe, into, (DWORD)most, &got, NULL) ? (int)got : -1;
}

static int from_agent(char *into, int most)
{
    return recv(agent, into, most, 0);
}

/* Reads one message, which begins with its length; how long it is in all, or 0 at the end. */
static int message(int (*from)(char *, int), char *into, int most)
{
    int have = 0, need = 4, part;
    while (have < need) {
        part = from(into + have, need - have);
        if (part <= 0)
            return 0;
        have += part;
        if (have == 4)
            need = 4 + (int)ntohl(*(u_long *)into);
        if (need > most)
            return 0;
    }
    return have;
}

int main(int count, char **args)
{
    static char buffer[262144];
    struct sockaddr_in at = {0};
    WSADATA data;
    DWORD put;
    int bytes, sent, part;

    if (count != 3 || WSAStartup(MAKEWORD(2, 2), &data))
        return 2;
    pipe = CreateNamedPipeA(args[1], PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_WAIT, 1, 65536, 65536, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        return 3;
    puts("ready");
    fflush(stdout);
    at.sin_family = AF_INET;
    at.sin_port = htons((u_short)atoi(args[2]));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* One client after the other: it has one end. */
    while (ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED) {
        agent = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(agent, (struct sockaddr *)&at, sizeof at))
            return 5;
        while ((bytes = message(from_pipe, buffer, sizeof buffer)) > 0) {
            for (sent = 0; sent < bytes; sent += part)
                if ((part = send(agent, buffer + sent, bytes - sent, 0)) <= 0)
                    return 6;
            bytes = message(from_agent, buffer, sizeof buffer);
            if (!bytes || !WriteFile(pipe, buffer, (DWORD)bytes, &put, NULL))
                return 7;
        }
        closesocket(agent);
        FlushFileBuffers(pipe);
        DisconnectNamedPipe(pipe);
    }
    return 0;
}
