namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>DNS, routing or a refused connection.</summary>
    public static readonly ErrorCode HostUnreachable = new(nameof(HostUnreachable), ErrorKind.ConnectionError,
        "Check the name, the port and the network between here and the host.");

    /// <summary>The connection broke in the middle of a call.</summary>
    public static readonly ErrorCode ConnectionLost = new(nameof(ConnectionLost), ErrorKind.ConnectionError,
        "Check the network and the host's logs, then run the command again.");

    /// <summary>The port does not speak TLS, or not one that is spoken here.</summary>
    public static readonly ErrorCode TlsFailed = new(nameof(TlsFailed), ErrorKind.ProtocolError,
        "Check -Port: hosts speak https on 443. A port that speaks plain http needs -Protocol http; a host older than TLS 1.2 can't be reached.");

    /// <summary>No answer in time.</summary>
    public static readonly ErrorCode HostTimeout = new(nameof(HostTimeout), ErrorKind.OperationTimeout,
        "The host is slow or the network drops packets; raise -TimeoutSec on the Connect cmdlet if it is merely slow.");

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly ErrorCode CertificateNotTrusted = new(nameof(CertificateNotTrusted), ErrorKind.SecurityError,
        "If the thumbprint is the host's own, connect with -CertificateThumbprint; -SkipCertificateCheck turns the check off.");

    /// <summary>The server's certificate is not the pinned one.</summary>
    public static readonly ErrorCode CertificateThumbprintMismatch = new(nameof(CertificateThumbprintMismatch), ErrorKind.SecurityError,
        "The host's certificate was renewed, or another machine answers under its name. Compare the thumbprint on the host's console.");

    /// <summary>The given thumbprint is not one.</summary>
    public static readonly ErrorCode CertificateThumbprintInvalid = new(nameof(CertificateThumbprintInvalid), ErrorKind.InvalidArgument,
        "Give the SHA-256 (64 hex digits) or SHA-1 (40) thumbprint; colons and spaces may stand in it.");

    /// <summary>Wrong user name or password.</summary>
    public static readonly ErrorCode LoginFailed = new(nameof(LoginFailed), ErrorKind.AuthenticationError,
        "Check user name and password; a host may lock an account for some minutes after repeated failures.");

    /// <summary>The other side is not the hypervisor that was expected.</summary>
    public static readonly ErrorCode NotAHypervisor = new(nameof(NotAHypervisor), ErrorKind.ProtocolError,
        "Check -Server, -Port and -Protocol: Connect-Esxi needs an ESXi host or a vCenter, Connect-Xapi a XenServer or XCP-ng host.");

    /// <summary>A reply that its interface does not allow.</summary>
    public static readonly ErrorCode UnexpectedReply = new(nameof(UnexpectedReply), ErrorKind.ProtocolError,
        "Run the command again with -Debug and look at what a proxy or the host has answered.");

    /// <summary>No session is open.</summary>
    public static readonly ErrorCode NoSession = new(nameof(NoSession), ErrorKind.InvalidOperation,
        "Open one with Connect-Esxi or Connect-Xapi, or pass -Session.");

    /// <summary>Several sessions are open and none was named.</summary>
    public static readonly ErrorCode AmbiguousSession = new(nameof(AmbiguousSession), ErrorKind.InvalidArgument,
        "Pass -Session; Get-VmSession lists the open ones.");

    /// <summary>The session was closed.</summary>
    public static readonly ErrorCode SessionClosed = new(nameof(SessionClosed), ErrorKind.InvalidOperation,
        "Connect again; objects read through a closed session can't be used any more.");

    /// <summary>There is no SSH client.</summary>
    public static readonly ErrorCode SshNotFound = new(nameof(SshNotFound), ErrorKind.ObjectNotFound,
        "Install the OpenSSH client (Debian: openssh-client; Windows: the optional feature OpenSSH Client), or connect without -ViaSsh.");

    /// <summary>-ViaSsh names no SSH host.</summary>
    public static readonly ErrorCode SshDestinationInvalid = new(nameof(SshDestinationInvalid), ErrorKind.InvalidArgument,
        "Give user@host, user@host:port or an alias of ssh's own configuration; an IPv6 address stands in brackets.");

    /// <summary>ssh could not log in, or did not trust the host.</summary>
    public static readonly ErrorCode SshFailed = new(nameof(SshFailed), ErrorKind.ConnectionError,
        "Try 'ssh <the same destination>' by hand: the host's key must be known to ssh, and a key or an agent must log in, since no password can be typed here.");

    /// <summary>The SSH host did not forward to the hypervisor.</summary>
    public static readonly ErrorCode SshForwardRefused = new(nameof(SshForwardRefused), ErrorKind.ConnectionError,
        "Give -Server and -Port as they are seen from the SSH host; its sshd must allow forwarding (AllowTcpForwarding).");

    /// <summary>The ssh process has ended in the middle of a call.</summary>
    public static readonly ErrorCode SshTunnelClosed = new(nameof(SshTunnelClosed), ErrorKind.ConnectionError,
        "Run the command again, which opens the tunnel anew; the SSH host's log tells more where the message does not.");
}
