using System.Text.RegularExpressions;

namespace VmDeploy;

/// <summary>
/// Replaces an existing VM with a new one. The existing VM is renamed, and removed only when the new one is finished, so that
/// a failure loses nothing.
/// </summary>
internal sealed class VmReplacement(Vm old)
{
    private readonly string _name = old.Name;
    private readonly string _temporaryName = TemporaryName(old);

    /// <summary>The name that a VM had before it was to be replaced; null for the name of any other VM.</summary>
    public static string? NameBefore(string name) => Regex.Match(name, @"^(.*) \(replaced [0-9a-f]{8}\)$", RegexOptions.CultureInvariant | RegexOptions.Singleline) is { Success: true } match
        ? match.Groups[1].Value : null;

    /// <summary>Whether a VM was set aside to be replaced by one of this name, which may have been too long for the addition.</summary>
    public static bool IsSetAsideFor(Vm vm, string name) => NameBefore(vm.Name) is { } before
        && (string.Equals(before, name, StringComparison.OrdinalIgnoreCase)
            || before.Length == vm.Session.Limits.NameLength - (vm.Name.Length - before.Length) && name.StartsWith(before, StringComparison.OrdinalIgnoreCase));

    public Vm Old => old;

    /// <summary>Renames the old VM; the scope restores its name if the new VM fails.</summary>
    public async Task FreeNameAsync(RollbackScope scope, CancellationToken cancellationToken)
    {
        await PlanRemovalAsync(cancellationToken);
        scope.Add($"the name of the existing VM '{_name}' (it may now be '{_temporaryName}')", RestoreNameAsync);
        await old.Session.RenameVmAsync(old, _temporaryName, cancellationToken);
    }

    /// <summary>Removes the old VM, running or not, with its disks.</summary>
    public async Task RemoveOldAsync()
    {
        try
        {
            await (await PlanRemovalAsync(CancellationToken.None)).RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code,
                $"VM '{_name}' was created, but the VM that it replaces, now named '{_temporaryName}', could not be removed: {e.Message}", old, e, e.Hint);
        }
    }

    private Task<PlannedChange<Vm>> PlanRemovalAsync(CancellationToken cancellationToken) => old.Session.PlanRemovalAsync(old, force: true, cancellationToken);

    // The reply to the rename may have been lost.
    private async Task RestoreNameAsync(CancellationToken cancellationToken)
    {
        if ((await old.Session.ReadVmAsync(old.Id, cancellationToken)).Name != _name)
            await old.Session.RenameVmAsync(old, _name, cancellationToken);
    }

    private static string TemporaryName(Vm vm)
    {
        var suffix = $" (replaced {Guid.NewGuid().ToString("N").Substring(0, 8)})";
        var name = NameBefore(vm.Name) ?? vm.Name;
        return name.Substring(0, Math.Min(name.Length, vm.Session.Limits.NameLength - suffix.Length)) + suffix;
    }
}
