namespace VmDeploy;

/// <summary>What a host offers for a request; for the completion of arguments, so each search is bounded and may leave something out.</summary>
public abstract class VmChoices
{
    /// <summary>Guest ids with the names of their systems; empty if the hypervisor has none.</summary>
    public abstract Task<IReadOnlyList<(string Id, string Name)>> GetGuestIdsAsync(CancellationToken cancellationToken);

    /// <summary>ISO files, and folders that end in a slash, in the form that a request uses: <c>[datastore] dir/file.iso</c>.</summary>
    /// <param name="start">The start of a path, whose folder is read; the places where ISOs usually are if it names no datastore.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public abstract Task<IReadOnlyList<string>> GetIsosAsync(string start, CancellationToken cancellationToken);
}
