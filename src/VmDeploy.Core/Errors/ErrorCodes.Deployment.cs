namespace VmDeploy;

// Errors of deployments: machines that a file describes.
public static partial class ErrorCodes
{
    /// <summary>The file of a deployment is not valid; the message names each place.</summary>
    public static readonly ErrorCode DeploymentFileInvalid = new(nameof(DeploymentFileInvalid), ErrorKind.InvalidData);

    /// <summary>Another run works on the same deployment.</summary>
    public static readonly ErrorCode DeploymentLocked = new(nameof(DeploymentLocked), ErrorKind.ResourceBusy);

    /// <summary>A machine depends on one that is not in the file.</summary>
    public static readonly ErrorCode DependencyUnknown = new(nameof(DependencyUnknown), ErrorKind.InvalidData);

    /// <summary>Machines depend on each other.</summary>
    public static readonly ErrorCode DependencyCycle = new(nameof(DependencyCycle), ErrorKind.InvalidData);

    /// <summary>A machine was not carried out, because one that it depends on failed.</summary>
    public static readonly ErrorCode DependencyFailed = new(nameof(DependencyFailed), ErrorKind.InvalidOperation);

    /// <summary>A change needs a restart, which the run may not do.</summary>
    public static readonly ErrorCode RestartNotAllowed = new(nameof(RestartNotAllowed), ErrorKind.InvalidOperation);

    /// <summary>A change needs a new VM, which the run may not make.</summary>
    public static readonly ErrorCode ReplaceNotAllowed = new(nameof(ReplaceNotAllowed), ErrorKind.InvalidOperation);

    /// <summary>The host has not taken all that the file wants.</summary>
    public static readonly ErrorCode MachineStillDiffers = new(nameof(MachineStillDiffers), ErrorKind.InvalidResult);

    /// <summary>The deployment has not made the VM that has the name of one of its machines.</summary>
    public static readonly ErrorCode VmNotOfDeployment = new(nameof(VmNotOfDeployment), ErrorKind.ResourceExists);

    /// <summary>No login was given for a host of a deployment.</summary>
    public static readonly ErrorCode CredentialMissing = new(nameof(CredentialMissing), ErrorKind.AuthenticationError);
}
