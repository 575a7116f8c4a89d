namespace VmDeploy;

/// <summary>The kinds of failure, named like PowerShell's <c>ErrorCategory</c> so that the module maps them by name.</summary>
public enum ErrorKind
{
    /// <summary>A value that the caller gave can't be used.</summary>
    InvalidArgument,

    /// <summary>A file, archive or reply has the wrong content.</summary>
    InvalidData,

    /// <summary>The call is not possible in the present state.</summary>
    InvalidOperation,

    /// <summary>The named thing does not exist.</summary>
    ObjectNotFound,

    /// <summary>The named thing exists already.</summary>
    ResourceExists,

    /// <summary>The thing is in use.</summary>
    ResourceBusy,

    /// <summary>Space, memory or slots are used up.</summary>
    LimitsExceeded,

    /// <summary>User name or password was refused.</summary>
    AuthenticationError,

    /// <summary>The account or licence may not do this.</summary>
    PermissionDenied,

    /// <summary>Certificate or signature trust failed.</summary>
    SecurityError,

    /// <summary>The host can't be reached or the connection broke.</summary>
    ConnectionError,

    /// <summary>No answer in the given time.</summary>
    OperationTimeout,

    /// <summary>The host can't do this at all.</summary>
    NotImplemented,

    /// <summary>Reading a file failed.</summary>
    ReadError,

    /// <summary>The host answered something that its interface does not allow.</summary>
    ProtocolError,

    /// <summary>The host refused with a fault of its own.</summary>
    InvalidResult,
}
