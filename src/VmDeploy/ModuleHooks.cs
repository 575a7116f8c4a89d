using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>Handles import and removal of the module.</summary>
public sealed class ModuleHooks : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
        PrivateAssemblies.Hook();
        // Connecting is what comes next, while the user still types or the script reads the password. Core is not loaded on this thread.
        _ = Task.Run(FirstTls.Prepare);
    }

    /// <summary>Logs out of every session of the runspace that the module is removed from.</summary>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionTable.Current.CloseAll();
}
