namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The text is not an http or https address of a package, or has a password in it.</summary>
    public static readonly ErrorCode UriInvalid = new(nameof(UriInvalid), ErrorKind.InvalidArgument);

    /// <summary>The web server does not have the package.</summary>
    public static readonly ErrorCode UriNotFound = new(nameof(UriNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The web server wants a login, or refuses it.</summary>
    public static readonly ErrorCode UriAccessDenied = new(nameof(UriAccessDenied), ErrorKind.PermissionDenied);

    /// <summary>The web server answers with another error.</summary>
    public static readonly ErrorCode UriRefused = new(nameof(UriRefused), ErrorKind.ReadError);

    /// <summary>The web server redirects too often, or from https to http.</summary>
    public static readonly ErrorCode UriRedirectRefused = new(nameof(UriRedirectRefused), ErrorKind.SecurityError);

    /// <summary>The connection to the web server can't be made, or breaks again and again.</summary>
    public static readonly ErrorCode UriUnreachable = new(nameof(UriUnreachable), ErrorKind.ConnectionError);

    /// <summary>The package on the web server was replaced while it was read.</summary>
    public static readonly ErrorCode UriContentChanged = new(nameof(UriContentChanged), ErrorKind.InvalidData);

    /// <summary>The text is not a hash with its algorithm.</summary>
    public static readonly ErrorCode FileHashInvalid = new(nameof(FileHashInvalid), ErrorKind.InvalidArgument);

    /// <summary>The package does not have the expected hash.</summary>
    public static readonly ErrorCode FileHashMismatch = new(nameof(FileHashMismatch), ErrorKind.SecurityError);

    /// <summary>A package that can't be read where it lies does not fit into the temporary folder.</summary>
    public static readonly ErrorCode SpoolFailed = new(nameof(SpoolFailed), ErrorKind.WriteError);

    /// <summary>A compressed package expands to far more than any package does.</summary>
    public static readonly ErrorCode OvaExpandsTooFar = new(nameof(OvaExpandsTooFar), ErrorKind.LimitsExceeded);
}
