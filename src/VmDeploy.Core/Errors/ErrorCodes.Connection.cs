namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>DNS, routing or a refused connection.</summary>
    public static readonly ErrorCode HostUnreachable = new(nameof(HostUnreachable), ErrorKind.ConnectionError);

    /// <summary>The connection broke in the middle of a call.</summary>
    public static readonly ErrorCode ConnectionLost = new(nameof(ConnectionLost), ErrorKind.ConnectionError);

    /// <summary>The port does not use TLS, or no TLS version that is supported here.</summary>
    public static readonly ErrorCode TlsFailed = new(nameof(TlsFailed), ErrorKind.ProtocolError);

    /// <summary>The host did not answer in time.</summary>
    public static readonly ErrorCode HostTimeout = new(nameof(HostTimeout), ErrorKind.OperationTimeout);

    /// <summary>The proxy did not connect to the host.</summary>
    public static readonly ErrorCode ProxyRefused = new(nameof(ProxyRefused), ErrorKind.ConnectionError);

    /// <summary>The host ends every session right after the login.</summary>
    public static readonly ErrorCode SessionNotKept = new(nameof(SessionNotKept), ErrorKind.ConnectionError);

    /// <summary>A reply is longer than the limit.</summary>
    public static readonly ErrorCode ReplyTooLarge = new(nameof(ReplyTooLarge), ErrorKind.ProtocolError);

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly ErrorCode CertificateNotTrusted = new(nameof(CertificateNotTrusted), ErrorKind.SecurityError);

    /// <summary>The server's certificate is not the pinned one.</summary>
    public static readonly ErrorCode CertificateThumbprintMismatch = new(nameof(CertificateThumbprintMismatch), ErrorKind.SecurityError);

    /// <summary>The given thumbprint is not valid.</summary>
    public static readonly ErrorCode CertificateThumbprintInvalid = new(nameof(CertificateThumbprintInvalid), ErrorKind.InvalidArgument);

    /// <summary>Wrong user name or password.</summary>
    public static readonly ErrorCode LoginFailed = new(nameof(LoginFailed), ErrorKind.AuthenticationError);

    /// <summary>The server is not the expected hypervisor.</summary>
    public static readonly ErrorCode NotAHypervisor = new(nameof(NotAHypervisor), ErrorKind.ProtocolError);

    /// <summary>The reply doesn't conform to the API.</summary>
    public static readonly ErrorCode UnexpectedReply = new(nameof(UnexpectedReply), ErrorKind.ProtocolError);

    /// <summary>No session is open.</summary>
    public static readonly ErrorCode NoSession = new(nameof(NoSession), ErrorKind.InvalidOperation);

    /// <summary>Several sessions are open, and none was chosen.</summary>
    public static readonly ErrorCode AmbiguousSession = new(nameof(AmbiguousSession), ErrorKind.InvalidArgument);

    /// <summary>The session was closed.</summary>
    public static readonly ErrorCode SessionClosed = new(nameof(SessionClosed), ErrorKind.InvalidOperation);

    /// <summary>No SSH client was found.</summary>
    public static readonly ErrorCode SshNotFound = new(nameof(SshNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The SSH destination is not valid.</summary>
    public static readonly ErrorCode SshDestinationInvalid = new(nameof(SshDestinationInvalid), ErrorKind.InvalidArgument);

    /// <summary>ssh could not log in, or did not trust the host.</summary>
    public static readonly ErrorCode SshFailed = new(nameof(SshFailed), ErrorKind.ConnectionError);

    /// <summary>The SSH host did not forward to the hypervisor.</summary>
    public static readonly ErrorCode SshForwardRefused = new(nameof(SshForwardRefused), ErrorKind.ConnectionError);

    /// <summary>xapi's own socket can't be reached through SSH.</summary>
    public static readonly ErrorCode SocketLoginFailed = new(nameof(SocketLoginFailed), ErrorKind.ConnectionError);

    /// <summary>This kind of host gives no session to an SSH login.</summary>
    public static readonly ErrorCode CredentialRequired = new(nameof(CredentialRequired), ErrorKind.InvalidArgument);

    /// <summary>The ssh process ended in the middle of a call.</summary>
    public static readonly ErrorCode SshTunnelClosed = new(nameof(SshTunnelClosed), ErrorKind.ConnectionError);
}
