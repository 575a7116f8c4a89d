namespace VmDeploy;

/// <summary>The kinds of failure, named like PowerShell's <c>ErrorCategory</c> so that the module maps them by name.</summary>
public enum ErrorKind
{
    /// <summary>A value that the caller gave is not valid.</summary>
    InvalidArgument,

    /// <summary>A file, archive or reply has the wrong content.</summary>
    InvalidData,

    /// <summary>The call is not possible in the current state.</summary>
    InvalidOperation,

    /// <summary>The named object does not exist.</summary>
    ObjectNotFound,

    /// <summary>The named object already exists.</summary>
    ResourceExists,

    /// <summary>The object is in use.</summary>
    ResourceBusy,

    /// <summary>Space, memory or slots are used up.</summary>
    LimitsExceeded,

    /// <summary>The user name or password was refused.</summary>
    AuthenticationError,

    /// <summary>The account or licence does not allow this.</summary>
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

    /// <summary>Writing a file failed.</summary>
    WriteError,

    /// <summary>The reply of the host doesn't conform to its API.</summary>
    ProtocolError,

    /// <summary>The host refused the call with a fault.</summary>
    InvalidResult,
}
