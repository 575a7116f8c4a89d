using VmDeploy.Ova;

namespace VmDeploy.Import;

/// <summary>What new VMs are made from: a descriptor and files, of a package or of a VM on another host.</summary>
internal abstract class ImportSource
{
    /// <summary>What it is called in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Where it is: the target of errors.</summary>
    public abstract string Path { get; }

    /// <summary>What is done with it, beginning with a verb, for example <c>Import tinyVM.ova</c>.</summary>
    public abstract string Action { get; }

    /// <summary>The descriptor.</summary>
    public abstract OvfDescriptor Descriptor { get; }

    /// <summary>The descriptor's text, for a host that parses it itself.</summary>
    public abstract string DescriptorXml { get; }

    /// <summary>What of the descriptor a host is known to refuse.</summary>
    public abstract IReadOnlyList<OvfIncompatibility> Incompatibilities { get; }

    /// <summary>How the descriptor was edited.</summary>
    public abstract IReadOnlyList<OvfIncompatibility> Edits { get; }

    /// <summary>The files, in the descriptor's order.</summary>
    public abstract IReadOnlyList<ImportFile> Files { get; }

    /// <summary>Several files can be read at the same time; otherwise one has to be read after the other, because they share compressed bytes.</summary>
    public abstract bool CanReadSideBySide { get; }

    /// <summary>The same with an edited descriptor.</summary>
    /// <param name="adapt">Gets the descriptor's text and its name.</param>
    public abstract ImportSource Adapt(Func<string, string, AdaptedDescriptor> adapt);

    /// <summary>Checks what can be checked before anything is made.</summary>
    /// <returns>The capacity in bytes of each disk whose file has it, by the id of the file.</returns>
    public abstract Task<IReadOnlyDictionary<string, long>> CheckImportableAsync(CancellationToken cancellationToken);

    /// <summary>Runs the work that reads the files, which gets a token of its own; the descriptor can be more exact meanwhile.</summary>
    public virtual Task UseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => work(cancellationToken);

    /// <summary>The file of an id; <c>OvaFileMissing</c> if the descriptor has no such file.</summary>
    public ImportFile GetFile(string id) => Files.FirstOrDefault(file => file.Id == id)
        ?? throw new VmDeployException(ErrorCodes.OvaFileMissing, $"'{Path}' has no file with the id '{id}'.", id);
}
